"""The supervisor: errands out, events in, everybody home in time."""

from threading import Event

from kiosk_app.core.errors import StoreError, StoreFault
from kiosk_app.core.health import Finding, HealthCode
from kiosk_app.core.journey import (
    CodeSeen,
    Decide,
    FindingsMade,
    Pair,
    PairingSucceeded,
    PinAnswered,
    SiteChanged,
    StaffTaskEnded,
    Started,
    VerdictReached,
)
from kiosk_app.core.outbox import QueueState
from kiosk_app.core.server_answers import NoReply, Unreachable
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.staff_desk import (
    CheckPin,
    Examine,
    LookAtPin,
    Saved,
    SaveDiagnostics,
    StillWaiting,
    Synced,
    SyncNow,
    TaskFailed,
    Unpair,
    Unpaired,
)
from kiosk_app.core.staff_pin import PinRight
from kiosk_app.workers.camera import CameraWorker, PreviewFrame
from kiosk_app.workers.desk import DeskWorker
from kiosk_app.workers.staff import StaffWorker
from kiosk_app.workers.supervisor import Supervisor
from kiosk_app.workers.sync import RoundReport, SyncWorker
from tests.kiosk_app.workers.test_camera import CameraParts, Scene
from tests.kiosk_app.workers.test_desk import ADMIT, SITE, PaperDesk
from tests.kiosk_app.workers.test_sync import SITE as PAIRED_SITE
from tests.kiosk_app.workers.test_sync import UP, PaperNetwork


class PaperRoom:
    """A staff room where everything is well."""

    def look_at_pin(self) -> None:
        return None

    def check_pin(self, _digits: str) -> PinRight:
        return PinRight()

    def examine(self, camera: StaffCode | None) -> tuple[Finding, ...]:
        return (Finding(HealthCode.PAIRED, camera),)

    def save_diagnostics(self, camera: StaffCode | None) -> str:
        if camera is not None:
            raise StoreError(StoreFault.FULL)
        return "/data/report.json"


def built(scene: Scene, desk: PaperDesk, network: PaperNetwork) -> Supervisor:
    camera = CameraWorker(lambda: CameraParts(scene, lambda _error: None))
    return Supervisor(camera, DeskWorker(lambda: desk), SyncWorker(lambda: network), StaffWorker(PaperRoom))


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


def test_staff_are_served_by_the_thread_it_belongs_to(qtbot, qapp, recorder) -> None:
    """PIN, findings and report by the staff's own thread; a report that cannot be written ends with its code."""
    supervisor = built(Scene(), PaperDesk(), PaperNetwork())
    supervisor.happened.connect(recorder.take)
    supervisor.start()
    for request in (LookAtPin(), CheckPin("204060"), Examine(StaffCode.CAMERA_BUSY), SaveDiagnostics(None)):
        supervisor.serve_staff(request)
    supervisor.serve_staff(SaveDiagnostics(StaffCode.CAMERA_BUSY))
    qtbot.waitUntil(lambda: len(recorder.of(StaffTaskEnded)) == 2)
    assert supervisor.stop() == ()
    assert recorder.of(PinAnswered) == [PinAnswered(None), PinAnswered(PinRight())]
    assert recorder.of(FindingsMade) == [FindingsMade((Finding(HealthCode.PAIRED, StaffCode.CAMERA_BUSY),))]
    ended = [StaffTaskEnded(Saved("/data/report.json")), StaffTaskEnded(TaskFailed(StaffCode.STORE_FULL))]
    assert recorder.of(StaffTaskEnded) == ended


def test_staff_sync_and_unpair_where_the_rounds_are(qtbot, qapp, recorder) -> None:
    """Between rounds, never in one: a full round, a refusal while something waits, and the loss of the site."""
    network = PaperNetwork()
    supervisor = built(Scene(), PaperDesk(), network)
    supervisor.happened.connect(recorder.take)
    supervisor.start()

    def ends(count: int) -> None:
        qtbot.waitUntil(lambda: len(recorder.of(StaffTaskEnded)) == count)

    supervisor.serve_staff(SyncNow())
    ends(1)
    network.report = RoundReport(PAIRED_SITE, QueueState(2), UP, ("outbox", Unreachable(NoReply.CONNECT)))
    supervisor.serve_staff(SyncNow())
    ends(2)
    supervisor.serve_staff(Unpair(keep_aside=False))
    ends(3)
    supervisor.serve_staff(Unpair(keep_aside=True))
    ends(4)
    network.trouble = StoreError(StoreFault.FULL)
    supervisor.serve_staff(SyncNow())
    ends(5)
    assert supervisor.stop() == ()
    assert recorder.of(StaffTaskEnded) == [
        StaffTaskEnded(Synced(0)),
        StaffTaskEnded(Synced(2, StaffCode.SERVER_UNREACHABLE)),
        StaffTaskEnded(StillWaiting(2)),
        StaffTaskEnded(Unpaired("/data/kept")),
        StaffTaskEnded(TaskFailed(StaffCode.STORE_FULL)),
    ]
    assert SiteChanged(None) in recorder.seen


def test_staff_are_told_when_the_network_never_opened(qtbot, qapp, recorder) -> None:
    """A store that does not open leaves nothing to send from: a code, not silence."""

    def broken() -> PaperNetwork:
        raise StoreError(StoreFault.DAMAGED)

    sync = SyncWorker(broken)
    sync.happened.connect(recorder.take)
    sync.serve_staff(SyncNow())
    assert recorder.seen == [StaffTaskEnded(TaskFailed(StaffCode.STORE_NOT_WRITABLE))]
