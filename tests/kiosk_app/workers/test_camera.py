"""The camera's thread, with pictures and a reader of the test's own."""

import time
from dataclasses import dataclass, field

from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.lookout import Ended
from kiosk_app.camera.lookout_wire import Looked, Preview, SeenCode
from kiosk_app.core.journey import CameraBack, CameraTrouble, CodeSeen, FaultHappened, SeveralCodesSeen
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.workers.camera import CameraParts, CameraWorker, PreviewFrame

CORNERS = ((10.0, 10.0), (20.0, 10.0), (20.0, 20.0), (10.0, 20.0))
PICTURE = Preview(64, 36, 1, bytes(64 * 36))
PAUSE_S = 0.005


@dataclass
class Scene:
    """What the camera's process would tell; changed by the test, heard by the worker."""

    texts: tuple[str, ...] = ()
    trouble: Exception | None = None
    open_trouble: Exception | None = None
    ended: list[str] = field(default_factory=list)
    looks: int = 0
    wishes: int = 1
    closed: bool = False

    def open(self) -> None:
        if self.open_trouble is not None:
            raise self.open_trouble

    def read(self) -> Looked | Ended | None:
        time.sleep(PAUSE_S)
        self.looks += 1
        if self.ended:
            return Ended(self.ended.pop())
        if self.trouble is not None:
            raise self.trouble
        codes = tuple(SeenCode(text, CORNERS) for text in self.texts)
        wished, self.wishes = self.wishes > 0, 0
        return Looked(time.monotonic_ns(), codes, PICTURE if wished else None)

    def wish_preview(self) -> None:
        self.wishes += 1

    def close(self) -> None:
        self.closed = True


def worker_for(scene: Scene) -> CameraWorker:
    def code(error: Exception) -> StaffCode | None:
        return error.code if isinstance(error, CameraError) else None

    return CameraWorker(lambda: CameraParts(scene, code))


def test_a_code_is_seen_once_and_the_next_after_the_answer(qtbot, started, asker, recorder) -> None:
    scene = Scene(texts=("first",))
    worker = started(worker_for(scene))
    asker.none.connect(worker.settle)
    qtbot.waitUntil(lambda: scene.looks > 2)
    assert recorder.seen == []
    asker.none.emit()
    qtbot.waitUntil(lambda: recorder.of(CodeSeen) != [])
    looks = scene.looks
    scene.texts = ("second",)
    qtbot.waitUntil(lambda: scene.looks > looks + 2)
    assert [seen.text for seen in recorder.of(CodeSeen)] == ["first"]
    asker.none.emit()
    qtbot.waitUntil(lambda: len(recorder.of(CodeSeen)) == 2)
    assert [seen.text for seen in recorder.of(CodeSeen)] == ["first", "second"]


def test_two_codes_ask_for_one(qtbot, started, asker, recorder) -> None:
    worker = started(worker_for(Scene(texts=("one", "two"))))
    asker.none.connect(worker.settle)
    asker.none.emit()
    qtbot.waitUntil(lambda: recorder.of(SeveralCodesSeen) != [])
    assert recorder.of(CodeSeen) == []


def test_trouble_is_told_once_and_its_end_too(qtbot, started, recorder) -> None:
    scene = Scene(open_trouble=CameraError(StaffCode.CAMERA_NOT_FOUND, "none"))
    scene.trouble = scene.open_trouble
    started(worker_for(scene))
    qtbot.waitUntil(lambda: scene.looks > 2)
    assert recorder.seen == [CameraTrouble(StaffCode.CAMERA_NOT_FOUND)]
    scene.trouble = None
    qtbot.waitUntil(lambda: len(recorder.seen) == 2)
    assert recorder.seen[1] == CameraBack()


def test_an_unexpected_error_closes_the_door_politely_and_looking_goes_on(qtbot, started, recorder) -> None:
    scene = Scene(trouble=RuntimeError("a secret text"))
    started(worker_for(scene))
    qtbot.waitUntil(lambda: scene.looks > 2)
    assert set(recorder.seen) == {FaultHappened(StaffCode.UNEXPECTED_FAULT)}


def test_one_preview_at_a_time_with_its_outlines(qtbot, started, asker, recorder) -> None:
    scene = Scene(texts=("one",))
    worker = worker_for(scene)
    worker.previewed.connect(recorder.take)
    started(worker)
    asker.none.connect(worker.take_back_preview)
    qtbot.waitUntil(lambda: recorder.of(PreviewFrame) != [])
    looks = scene.looks
    qtbot.waitUntil(lambda: scene.looks > looks + 4)
    assert len(recorder.of(PreviewFrame)) == 1
    asker.none.emit()
    qtbot.waitUntil(lambda: len(recorder.of(PreviewFrame)) == 2)
    frame = recorder.of(PreviewFrame)[0]
    assert isinstance(frame, PreviewFrame)
    assert frame.image is PICTURE
    assert frame.outlines == [list(CORNERS)]


def test_an_end_of_the_cameras_process_is_logged_and_nobody_is_told(qtbot, started, recorder, capsys) -> None:
    """It is replaced within a blink; a visitor need not hear of it."""
    scene = Scene(ended=["signal_11"])
    started(worker_for(scene))
    qtbot.waitUntil(lambda: scene.looks > 2)
    assert recorder.seen == []
    assert "lookout_ended how=signal_11" in capsys.readouterr().err


def test_the_camera_is_let_go_at_the_end(qtbot, started, asker) -> None:
    scene = Scene()
    started(worker_for(scene))
    qtbot.waitUntil(lambda: scene.looks > 0)
    asker.end.emit()
    qtbot.waitUntil(lambda: scene.closed)


def test_how_the_camera_is_is_said_when_it_changes(qtbot, started, recorder) -> None:
    """Well with the first picture, then in trouble, then well again: each once."""
    scene = Scene()
    worker = worker_for(scene)
    worker.standing.connect(recorder.take)
    started(worker)
    qtbot.waitUntil(lambda: scene.looks > 2)
    assert recorder.of(str) == ["ok"]
    scene.trouble = CameraError(StaffCode.CAMERA_STOPPED, "away")
    qtbot.waitUntil(lambda: len(recorder.of(str)) == 2)
    looks, scene.trouble = scene.looks, None
    qtbot.waitUntil(lambda: scene.looks > looks + 2)
    assert recorder.of(str) == ["ok", "CAM-2", "ok"]
