"""Naming a camera."""

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_app.camera.sources import (
    CameraError,
    CameraSpec,
    DeviceSpec,
    FolderSpec,
    MjpegSpec,
    NoCameraSpec,
    VideoFileSpec,
    open_source,
    parse_camera_spec,
)
from kiosk_app.core.staff_codes import StaffCode


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("device:0", DeviceSpec(0)),
        ("device:63", DeviceSpec(63)),
        ("device:usb-046d_HD_Pro_Webcam-video-index0", DeviceSpec("usb-046d_HD_Pro_Webcam-video-index0")),
        ("device:pci-0000:00:14.0-usb-0:4:1.0-video-index0", DeviceSpec("pci-0000:00:14.0-usb-0:4:1.0-video-index0")),
        ("file:/tmp/a.avi", VideoFileSpec(Path("/tmp/a.avi"))),  # noqa: S108 - parsed, never opened
        ("folder:pictures", FolderSpec(Path("pictures"))),
        ("mjpeg:http://127.0.0.1:8080/stream", MjpegSpec("http://127.0.0.1:8080/stream")),
        ("mjpeg:http://[::1]/s", MjpegSpec("http://[::1]/s")),
        ("mjpeg:http://localhost/s", MjpegSpec("http://localhost/s")),
        ("mjpeg:https://camera.example/s?x=1", MjpegSpec("https://camera.example/s?x=1")),
        (" none ", NoCameraSpec()),
    ],
)
def test_a_camera_is_named_by_one_line(text: str, spec: CameraSpec) -> None:
    """Each kind of camera has one form."""
    assert parse_camera_spec(text) == spec


@pytest.mark.parametrize(
    "text",
    [
        "",
        "webcam",
        "none:1",
        "device:",
        "device:64",
        "device:-1",
        "device:000",
        "device:²",
        "device:../../etc/passwd",
        "device:/dev/video0",
        "file:",
        "folder:",
        "file:a\0b",
        "mjpeg:",
        "mjpeg:http://camera.example/stream",
        "mjpeg:http://127.0.0.1.evil.example/stream",
        "mjpeg:ftp://127.0.0.1/stream",
        "mjpeg:file:///etc/passwd",
        "mjpeg:https://user:secret@camera.example/",
        "mjpeg:https://camera.example:99999/",
        "mjpeg:https://[camera/",
        "mjpeg:https:///stream",
        "mjpeg:https://camera.example/a\r\nX-Header: 1",
        "mjpeg:https://camera.example/a b",
        "mjpeg:https://camera.exämple/",
        "mjpeg:https://camera.example/" + "a" * 2048,
    ],
)
def test_a_wrong_name_is_told_with_a_code(text: str) -> None:
    """Anything else is refused before a camera is touched, and no secret is repeated."""
    with pytest.raises(CameraError) as refused:
        parse_camera_spec(text)
    assert refused.value.code is StaffCode.CAMERA_BAD_ADDRESS
    assert "secret" not in str(refused.value)


@given(st.one_of(st.text(), st.text().map("mjpeg:https://".__add__), st.text().map("device:".__add__)))
def test_any_text_is_a_camera_or_an_error(text: str) -> None:
    """No text makes the parser fail in another way than by the one code."""
    with contextlib.suppress(CameraError):
        spec = parse_camera_spec(text)
        assert not isinstance(spec, MjpegSpec) or spec.url.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("spec", "described"),
    [
        (DeviceSpec(0), "camera 0"),
        (VideoFileSpec(Path("/films/door.avi")), "video door.avi"),
        (FolderSpec(Path("/films/door")), "folder door"),
        (MjpegSpec("https://camera.example:8443/secret/path?token=1"), "stream https://camera.example:8443"),
        (NoCameraSpec(), "no camera"),
    ],
)
def test_every_kind_has_a_source(spec: CameraSpec, described: str) -> None:
    """Each name opens a source that staff can recognise and that tells no secret."""
    source = open_source(spec)
    assert source.description == described
    source.close()


def test_naming_a_camera_loads_no_heavy_library() -> None:
    """The modules that the kiosk imports before its first window load neither OpenCV nor NumPy nor a decoder."""
    program = (
        "import sys, kiosk_app.camera.sources, kiosk_app.camera.decoders, kiosk_app.camera.frames;"
        "print(sorted({'cv2', 'numpy', 'zxingcpp', 'pyzbar'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
