"""Which camera to open, named by one line of text (``device:0``, ``mjpeg:https://…``). Parsing it touches nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from kiosk_app.camera.errors import CameraError
from kiosk_app.core.staff_codes import StaffCode

_HIGHEST_INDEX = 63  # V4L2 registers at most 64 capture nodes per kind in practice; keeps typing errors out.
_DEVICE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,254}")
_LONGEST_ADDRESS = 2048


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """A local camera: its index, or its name in ``/dev/v4l/by-id`` or ``/dev/v4l/by-path``, which survives a reboot."""

    device: int | str


@dataclass(frozen=True, slots=True)
class VideoFileSpec:
    """A video file that plays at its own rate, over and over."""

    path: Path


@dataclass(frozen=True, slots=True)
class FolderSpec:
    """A folder of pictures, each held for a while, over and over."""

    path: Path


@dataclass(frozen=True, slots=True)
class MjpegSpec:
    """An address that streams JPEG pictures: ``https`` anywhere, ``http`` on this machine only."""

    url: str


@dataclass(frozen=True, slots=True)
class NoCameraSpec:
    """A kiosk without a camera. Codes come from a scanner or by hand."""


CameraSpec = DeviceSpec | VideoFileSpec | FolderSpec | MjpegSpec | NoCameraSpec


def parse_camera_spec(text: str) -> CameraSpec:
    """Parse ``device:0``, ``device:NAME``, ``file:PATH``, ``folder:PATH``, ``mjpeg:URL`` or ``none``.

    Raises:
        CameraError: ``CAMERA_BAD_ADDRESS``, with a detail that says what is wrong.
    """
    kind, _, rest = text.strip().partition(":")
    match kind:
        case "none" if not rest:
            return NoCameraSpec()
        case "device":
            return DeviceSpec(_device(rest))
        case "file" if _is_path(rest):
            return VideoFileSpec(Path(rest))
        case "folder" if _is_path(rest):
            return FolderSpec(Path(rest))
        case "mjpeg":
            return MjpegSpec(_stream_address(rest))
        case _:
            raise _bad("a camera is device:0, device:NAME, file:PATH, folder:PATH, mjpeg:URL or none")


def _device(rest: str) -> int | str:
    if rest.isascii() and rest.isdigit():
        if len(rest) <= 2 and int(rest) <= _HIGHEST_INDEX:
            return int(rest)
        raise _bad(f"a device index is 0 to {_HIGHEST_INDEX}")
    if _DEVICE_NAME.fullmatch(rest):
        return rest
    raise _bad("a device is an index or a name from /dev/v4l/by-id")


def _is_path(rest: str) -> bool:
    return bool(rest) and "\0" not in rest


def _stream_address(url: str) -> str:
    # Imported here: the first window waits for this module, and hardly any kiosk has its camera at an address.
    from urllib.parse import urlsplit  # noqa: PLC0415

    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise _bad("the address cannot be read") from None
    # Control characters and spaces would let an address write header lines of its own into the request.
    if len(url) > _LONGEST_ADDRESS or not url.isascii() or any(c <= " " or c == "\x7f" for c in url):
        raise _bad("an address has at most 2,048 visible ASCII characters")
    if not host or parts.username is not None or parts.password is not None:
        raise _bad("an address has a host and no user or password")
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)):
        return url
    raise _bad("an address is https, or http on this machine")


def _is_loopback(host: str) -> bool:
    import ipaddress  # noqa: PLC0415 - as above

    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bad(detail: str) -> CameraError:
    return CameraError(StaffCode.CAMERA_BAD_ADDRESS, detail)
