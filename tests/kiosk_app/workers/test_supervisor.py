"""The supervisor: errands out, events in, everybody home in time."""

from threading import Event

from kiosk_app.core.journey import CodeSeen, Decide, Pair, PairingSucceeded, Started, VerdictReached
from kiosk_app.workers.camera import CameraWorker, PreviewFrame
from kiosk_app.workers.desk import DeskWorker
from kiosk_app.workers.supervisor import Supervisor
from kiosk_app.workers.sync import SyncWorker
from tests.kiosk_app.workers.test_camera import CameraParts, Scene, SceneReader
from tests.kiosk_app.workers.test_desk import ADMIT, SITE, PaperDesk
from tests.kiosk_app.workers.test_sync import PaperNetwork


def built(scene: Scene, desk: PaperDesk, network: PaperNetwork) -> Supervisor:
    camera = CameraWorker(lambda: CameraParts(scene, SceneReader(scene), lambda _error: None))
    return Supervisor(camera, DeskWorker(lambda: desk), SyncWorker(lambda: network))


def test_errands_reach_their_workers_and_answers_come_back(qtbot, qapp, recorder) -> None:
    scene, desk, network = Scene(texts=("code",)), PaperDesk(ADMIT), PaperNetwork(outcome=PairingSucceeded(SITE))
    supervisor = built(scene, desk, network)
    supervisor.happened.connect(recorder.take)
    supervisor.previewed.connect(recorder.take)
    supervisor.start()
    supervisor.start()
    supervisor.ready_for_next_code()
    qtbot.waitUntil(lambda: recorder.of(CodeSeen) != [] and recorder.of(Started) != [])
    supervisor.decide("code", 7)
    supervisor.pair("https://x", "042137")
    qtbot.waitUntil(lambda: recorder.of(VerdictReached) != [] and recorder.of(PairingSucceeded) != [])
    qtbot.waitUntil(lambda: len(recorder.of(PreviewFrame)) >= 2)
    assert supervisor.stop() == ()
    assert VerdictReached(ADMIT, 7) in recorder.seen
    assert (scene.closed, desk.closed, network.closed) == (True, True, True)


def test_who_does_not_come_home_is_named_and_not_cut_off(qtbot, qapp, monkeypatch) -> None:
    monkeypatch.setattr("kiosk_app.workers.supervisor.STOP_WITHIN_S", 0.2)
    release, waiting = Event(), Event()

    class StuckNetwork(PaperNetwork):
        def run_round(self, *, full: bool, camera: str):
            waiting.set()
            release.wait(10)
            return super().run_round(full=full, camera=camera)

    network = StuckNetwork()
    supervisor = built(Scene(), PaperDesk(), network)
    supervisor.start()
    assert waiting.wait(10)
    assert supervisor.stop() == ("sync",)
    release.set()
    assert all(thread.wait(5000) for thread in supervisor._threads)
    assert network.closed


def test_the_values_of_an_errand_are_the_journeys_own(qtbot, qapp) -> None:
    supervisor = built(Scene(), PaperDesk(), PaperNetwork())
    with qtbot.waitSignal(supervisor._decide_asked) as asked:
        supervisor.decide("code", 2**62)
    assert asked.args == [Decide("code", 2**62)]
    with qtbot.waitSignal(supervisor._pair_asked) as asked:
        supervisor.pair("https://x", "042137")
    assert asked.args == [Pair("https://x", "042137")]
