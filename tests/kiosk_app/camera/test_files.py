"""Cameras made of files, under a clock that the tests move."""

import os
from pathlib import Path

import numpy as np
import pytest

from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.files import PICTURE_HELD_S, FolderSource, Pace, VideoFileSource
from kiosk_app.camera.frames import Frame
from kiosk_app.camera.opencv import cv2
from kiosk_app.camera.sources import READ_WAIT_S
from kiosk_app.core.staff_codes import StaffCode
from tests.kiosk_app.camera.made import packed

FPS = 10


class Clock:
    """Time that passes only by waiting, or when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.waits: list[float] = []
        self.pace = Pace(lambda: round(self.now_s * 1e9), self._wait)

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now_s += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten pictures, each lighter than the one before, ten a second."""
    path = tmp_path_factory.mktemp("film") / "door.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (64, 48))
    assert writer.isOpened()
    for number in range(10):
        writer.write(np.full((48, 64, 3), 20 * number + 20, dtype=np.uint8))
    writer.release()
    return path


def number_of(frame: Frame | None) -> int:
    """Which of the ten pictures a frame shows."""
    assert frame is not None
    return round((float(frame.image.mean()) - 20) / 20)


def test_a_video_plays_at_its_own_rate(video: Path, clock: Clock) -> None:
    """Each read waits for the picture that is due, and gives it."""
    source = VideoFileSource(video, clock.pace)
    source.open()
    assert [number_of(source.read()) for _ in range(4)] == [0, 1, 2, 3]
    assert clock.now_s == pytest.approx(1000.3)
    source.close()


def test_a_late_reader_sees_what_a_camera_would_show_now(video: Path, clock: Clock) -> None:
    """Pictures that were missed are skipped, and the numbers show the gap."""
    source = VideoFileSource(video, clock.pace)
    source.open()
    first = source.read()
    clock.now_s += 0.55
    second = source.read()
    assert first is not None
    assert second is not None
    assert number_of(second) == 5
    assert second.sequence - first.sequence == 5
    assert second.taken_at_ns == round(clock.now_s * 1e9)
    assert number_of(source.read()) == 6
    source.close()


def test_a_video_begins_again_at_its_end(video: Path, clock: Clock) -> None:
    """After the last picture comes the first, also for a reader who slept through the end."""
    source = VideoFileSource(video, clock.pace)
    source.open()
    assert [number_of(source.read()) for _ in range(12)] == [*range(10), 0, 1]
    clock.now_s += 3600
    assert source.read() is not None
    source.close()


def test_a_read_never_waits_long(video: Path, clock: Clock) -> None:
    """A picture that is due later than 0.1 s from now is not waited for."""
    source = VideoFileSource(video, clock.pace)
    source.open()
    clock.now_s -= 0.25
    assert source.read() is None
    assert clock.waits == [READ_WAIT_S]
    source.close()


@pytest.mark.parametrize(("name", "code"), [("missing.avi", "CAM-1"), (".", "CAM-1"), ("text.avi", "CAM-5")])
def test_a_video_that_cannot_be_played_is_told(tmp_path: Path, name: str, code: str) -> None:
    """A missing file, a folder, and a file that is no video have their codes."""
    (tmp_path / "text.avi").write_text("no video")
    source = VideoFileSource(tmp_path / name)
    with pytest.raises(CameraError) as failed:
        source.open()
    assert failed.value.code.value == code
    with pytest.raises(CameraError) as failed:
        source.read()
    assert failed.value.code is StaffCode.CAMERA_STOPPED


def opened_and_read(source: VideoFileSource) -> Frame | None:
    """Which of the two notices a torn film is the library's affair."""
    source.open()
    return source.read()


def test_a_video_without_a_picture_is_told(tmp_path: Path, video: Path, clock: Clock) -> None:
    """A video that is torn behind its header gives a code, not a loop without an end."""
    path = tmp_path / "torn.avi"
    content = video.read_bytes()
    path.write_bytes(content[: content.index(b"movi") + 4])
    source = VideoFileSource(path, clock.pace)
    with pytest.raises(CameraError) as failed:
        opened_and_read(source)
    assert failed.value.code is StaffCode.CAMERA_UNREADABLE
    source.close()


def test_a_file_is_never_taken_for_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that looks like a protocol is a file, and a missing one here."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CameraError) as failed:
        VideoFileSource(Path("http://127.0.0.1:1/door.avi")).open()
    assert failed.value.code is StaffCode.CAMERA_NOT_FOUND


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures of different shades with a torn file, a text and a folder between them."""
    (tmp_path / "a.png").write_bytes(packed(np.full((20, 30, 3), 20, dtype=np.uint8), ".png"))
    (tmp_path / "b.png").write_bytes(packed(np.full((20, 30, 3), 20, dtype=np.uint8), ".png")[:50])
    (tmp_path / "c.txt").write_text("no picture")
    (tmp_path / "d.png").mkdir()
    (tmp_path / "e.jpg").write_bytes(packed(np.full((20, 30, 3), 220, dtype=np.uint8), ".jpg"))
    return tmp_path


def test_a_folder_holds_each_picture_and_begins_again(folder: Path, clock: Clock) -> None:
    """Pictures come by name, each held for a while at ten frames a second; what is no picture is passed over."""
    source = FolderSource(folder, held_s=0.5, pace=clock.pace)
    source.open()
    greys = []
    for _ in range(15):
        frame = source.read()
        assert frame is not None
        greys.append(int(frame.image[0, 0, 0]))
    assert greys == [20] * 5 + [220] * 5 + [20] * 5
    assert clock.now_s == pytest.approx(1001.4)
    assert frame.sequence == 15
    source.close()


def test_a_picture_is_held_longer_than_the_gate_remembers() -> None:
    """So that a folder of one code is one sighting for each turn only if it went out of sight."""
    assert PICTURE_HELD_S > 1.5


def test_a_folder_read_too_early_gives_nothing(folder: Path, clock: Clock) -> None:
    """Between two frames the source waits at most 0.1 s."""
    source = FolderSource(folder, pace=clock.pace)
    source.open()
    assert source.read() is not None
    clock.now_s -= 0.5
    assert source.read() is None
    source.close()


def test_pictures_may_come_and_go(folder: Path, clock: Clock) -> None:
    """The folder is looked at again for each picture; when the last one is gone, that is told."""
    source = FolderSource(folder, held_s=0.1, pace=clock.pace)
    source.open()
    (folder / "e.jpg").unlink()
    (folder / "f.webp").write_bytes(packed(np.full((20, 30, 3), 120, dtype=np.uint8), ".webp"))
    greys = {int(frame.image[0, 0, 0]) for frame in (source.read() for _ in range(4)) if frame}
    assert greys == {20, 120}
    (folder / "a.png").unlink()
    (folder / "f.webp").unlink()
    clock.now_s += 1
    with pytest.raises(CameraError) as failed:
        source.read()
    assert failed.value.code is StaffCode.CAMERA_UNREADABLE
    with pytest.raises(CameraError) as failed:
        source.read()
    assert failed.value.code is StaffCode.CAMERA_STOPPED


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A missing folder and a file in its place have the code for a camera that is not there."""
    (tmp_path / "file").write_text("")
    for name in ("missing", "file"):
        with pytest.raises(CameraError) as failed:
            FolderSource(tmp_path / name).open()
        assert failed.value.code is StaffCode.CAMERA_NOT_FOUND


def test_a_pipe_in_the_folder_does_not_hold_the_thread(folder: Path, clock: Clock) -> None:
    """A named pipe among the pictures is passed over instead of being waited for."""
    os.mkfifo(folder / "0.png")
    source = FolderSource(folder, pace=clock.pace)
    source.open()
    frame = source.read()
    assert frame is not None
    assert int(frame.image[0, 0, 0]) == 20
    source.close()
