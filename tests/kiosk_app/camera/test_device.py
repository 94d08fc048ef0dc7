"""A local camera. Where the tests run there is none: a recorded film stands in for the driver, the rest is real."""

from pathlib import Path

import numpy as np
import pytest

from kiosk_app.camera.device import DeviceSource, open_v4l2
from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.opencv import cv2
from kiosk_app.core.staff_codes import StaffCode


@pytest.fixture
def nodes(tmp_path: Path) -> Path:
    """A folder like /dev with one camera, which is a film of three pictures."""
    names = tmp_path / "by-id"
    names.mkdir()
    film = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for _ in range(3):
        writer.write(np.full((48, 64, 3), 90, dtype=np.uint8))
    writer.release()
    film.rename(tmp_path / "video0")
    (names / "usb-Maker_Webcam-video-index0").symlink_to(tmp_path / "video0")
    return tmp_path


def film_camera(node: str) -> cv2.VideoCapture:
    return cv2.VideoCapture(node, cv2.CAP_FFMPEG)


def source_for(device: int | str, nodes: Path) -> DeviceSource:
    return DeviceSource(device, film_camera, nodes, (nodes / "by-path", nodes / "by-id"))


@pytest.mark.parametrize("device", [0, "usb-Maker_Webcam-video-index0"])
def test_a_camera_is_found_by_index_and_by_name(nodes: Path, device: int | str) -> None:
    """Both names lead to pictures in colour, with numbers and times that grow."""
    source = source_for(device, nodes)
    source.open()
    first, second = source.read(), source.read()
    assert first is not None
    assert second is not None
    assert first.image.shape == (48, 64, 3)
    assert second.sequence == first.sequence + 1
    assert second.taken_at_ns >= first.taken_at_ns
    source.close()
    source.close()


@pytest.mark.parametrize("device", [1, "usb-Other-video-index0"])
def test_a_camera_that_is_not_there_is_told(nodes: Path, device: int | str) -> None:
    """A missing node is a camera that is not there."""
    with pytest.raises(CameraError) as failed:
        source_for(device, nodes).open()
    assert failed.value.code is StaffCode.CAMERA_NOT_FOUND


def test_a_camera_that_goes_away_is_told_and_comes_back(nodes: Path) -> None:
    """When pictures end the source says so once, stays closed, and can be opened again."""
    source = source_for(0, nodes)
    source.open()
    for _ in range(3):
        assert source.read() is not None
    for detail in ("gives no more pictures", "is not open"):
        with pytest.raises(CameraError, match=detail) as failed:
            source.read()
        assert failed.value.code is StaffCode.CAMERA_STOPPED
    source.open()
    frame = source.read()
    assert frame is not None
    assert frame.sequence == 4
    source.close()


def test_a_node_that_is_no_camera_is_told_as_busy(tmp_path: Path) -> None:
    """What is there and cannot be taken, here by the real V4L2 code, is a busy camera."""
    (tmp_path / "video7").write_bytes(b"no camera")
    source = DeviceSource(7, open_v4l2, tmp_path)
    with pytest.raises(CameraError) as failed:
        source.open()
    assert failed.value.code is StaffCode.CAMERA_BUSY
    with pytest.raises(CameraError):
        source.read()


def test_a_camera_is_found_again_under_another_index(nodes: Path) -> None:
    """Replugged, it is video1 now, and another camera took its index: the one that was chosen comes back."""
    source = source_for(0, nodes)
    source.open()
    source.close()
    film = nodes / "video0"
    other = nodes / "other"
    writer = cv2.VideoWriter(str(nodes / "other.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (32, 24))
    writer.write(np.zeros((24, 32, 3), dtype=np.uint8))
    writer.release()
    (nodes / "other.avi").rename(other)
    film.rename(nodes / "video1")
    other.rename(film)
    name = nodes / "by-id" / "usb-Maker_Webcam-video-index0"
    name.unlink()
    with pytest.raises(CameraError):
        source.open()
    name.symlink_to(nodes / "video1")
    source.open()
    frame = source.read()
    assert frame is not None
    assert frame.image.shape == (48, 64, 3)
    source.close()
