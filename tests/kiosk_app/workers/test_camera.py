"""The camera's thread, with pictures and a reader of the test's own."""

import time
from dataclasses import dataclass, field

import numpy as np

from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.frames import Frame
from kiosk_app.camera.symbols import Symbol
from kiosk_app.camera.watching import Look
from kiosk_app.core.journey import CameraBack, CameraTrouble, CodeSeen, FaultHappened, SeveralCodesSeen
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.workers.camera import PREVIEW_WIDEST_PX, CameraParts, CameraWorker, PreviewFrame

PICTURE = np.zeros((1080, 1920), dtype=np.uint8)
CORNERS = ((100.0, 100.0), (200.0, 100.0), (200.0, 200.0), (100.0, 200.0))


@dataclass
class Scene:
    """What stands before the camera; changed by the test, looked at by the worker."""

    texts: tuple[str, ...] = ()
    trouble: Exception | None = None
    open_trouble: Exception | None = None
    looks: int = 0
    closed: bool = False
    described: list[str] = field(default_factory=list)

    def open(self) -> None:
        if self.open_trouble is not None:
            raise self.open_trouble

    def read(self) -> Frame | None:
        self.looks += 1
        if self.trouble is not None:
            raise self.trouble
        return Frame(PICTURE, self.looks, time.monotonic_ns())

    def close(self) -> None:
        self.closed = True


class SceneReader:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def look(self, _image: object, _taken_at_ns: int) -> Look:
        return Look(tuple(Symbol(text, CORNERS, "zxing") for text in self.scene.texts), was_taken=True)


def worker_for(scene: Scene) -> CameraWorker:
    def code(error: Exception) -> StaffCode | None:
        return error.code if isinstance(error, CameraError) else None

    return CameraWorker(lambda: CameraParts(scene, SceneReader(scene), code))


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


def test_one_preview_at_a_time_scaled_with_its_outlines(qtbot, started, asker, recorder) -> None:
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
    assert frame.image.shape[1] <= PREVIEW_WIDEST_PX
    step = 1920 / frame.image.shape[1]
    assert frame.outlines == [[(x / step, y / step) for x, y in CORNERS]]


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
