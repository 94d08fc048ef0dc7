"""Still pictures, good and bad."""

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_app.camera import pictures
from kiosk_app.camera.opencv import cv2
from kiosk_app.camera.pictures import Unreadable, picture_size, read_colour, read_grey, unpack
from kiosk_app.camera.pixels import Pixels
from kiosk_app.camera.symbols import MAX_PIXELS
from tests.kiosk_app.camera.made import packed, qr_picture

PICTURE = np.dstack([qr_picture("V1:HELLO")[:, :150]] * 3)
KINDS = (".png", ".jpg", ".webp")


def png_header(width: int, height: int) -> bytes:
    """A PNG that states a size and holds nothing."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_read_grey_and_in_colour(tmp_path: Path, kind: str) -> None:
    """PNG, JPEG and WebP are read, whatever the file is called."""
    path = tmp_path / "picture.bin"
    path.write_bytes(packed(PICTURE, kind))
    grey, colour = read_grey(path), read_colour(path)
    assert isinstance(grey, np.ndarray)
    assert isinstance(colour, np.ndarray)
    assert grey.shape == PICTURE.shape[:2]
    assert colour.shape == PICTURE.shape
    assert np.abs(grey.astype(int) - PICTURE[:, :, 0]).mean() < 3


def webp(picture: Pixels, quality: int) -> bytes:
    done, content = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, quality])
    assert done
    return content.tobytes()


def webp_forms() -> list[bytes]:
    """The three forms of the file: lossy, lossless, and extended because it has both losses and transparency."""
    see_through = np.dstack([PICTURE, PICTURE[:, :, :1] // 2])
    return [webp(PICTURE, 80), webp(PICTURE, 101), webp(see_through, 80)]


@pytest.mark.parametrize("content", [packed(PICTURE, ".png"), packed(PICTURE, ".jpg"), *webp_forms()])
def test_the_header_tells_the_size(content: bytes) -> None:
    """Width and height come from the header alone, in every form that the three kinds have."""
    height, width = PICTURE.shape[:2]
    assert picture_size(content) == (width, height)


def test_the_forms_of_webp_differ() -> None:
    """The three WebP files above really are the three forms."""
    assert [content[12:16] for content in webp_forms()] == [b"VP8 ", b"VP8L", b"VP8X"]


def test_a_picture_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path: Path) -> None:
    """A header over the bound is enough to refuse, and so is one over the bounds of the library itself."""
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(60_000, 60_000))
    assert read_grey(path) is Unreadable.TOO_LARGE
    path.write_bytes(png_header(MAX_PIXELS // 1000 + 1, 1000))
    assert read_grey(path) is Unreadable.TOO_LARGE
    path.write_bytes(png_header(2_000_000, 1))
    assert read_grey(path) is Unreadable.NOT_A_PICTURE
    path.write_bytes(png_header(0, 1000))
    assert read_grey(path) is Unreadable.NOT_A_PICTURE


def test_the_bound_can_be_set_lower() -> None:
    """A source of frames takes smaller pictures than a person who asks about one file."""
    content = packed(PICTURE)
    pixels = PICTURE.shape[0] * PICTURE.shape[1]
    assert isinstance(unpack(content, cv2.IMREAD_COLOR, pixels), np.ndarray)
    assert unpack(content, cv2.IMREAD_COLOR, pixels - 1) is Unreadable.TOO_LARGE


def test_a_file_that_is_too_long_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file over the bound is refused by its length, one of just the bound is read."""
    path = tmp_path / "picture.png"
    content = packed(PICTURE, ".png")
    path.write_bytes(content)
    monkeypatch.setattr(pictures, "MAX_FILE_BYTES", len(content))
    assert isinstance(read_grey(path), np.ndarray)
    monkeypatch.setattr(pictures, "MAX_FILE_BYTES", len(content) - 1)
    assert read_grey(path) is Unreadable.TOO_LARGE


@pytest.mark.parametrize("name", ["missing.png", "folder", "a\0b", "x" * 300])
def test_what_cannot_be_opened_is_a_value(tmp_path: Path, name: str) -> None:
    """A missing file, a folder and an impossible name are answers, not exceptions."""
    (tmp_path / "folder").mkdir()
    assert read_grey(tmp_path / name) is Unreadable.NOT_FOUND
    assert read_colour(tmp_path / name) is Unreadable.NOT_FOUND


def test_what_is_no_regular_file_is_no_picture_and_holds_nobody_up(tmp_path: Path) -> None:
    """A pipe that nobody writes to, and a device that never ends."""
    os.mkfifo(tmp_path / "pipe")
    assert read_grey(tmp_path / "pipe") is Unreadable.NOT_A_PICTURE
    assert read_grey(Path("/dev/zero")) is Unreadable.NOT_A_PICTURE


def test_the_smallest_webp_is_a_picture() -> None:
    """One pixel, without loss, in 30 bytes."""
    content = bytes.fromhex("5249464616000000574542505650384c0a0000002f00000000451723fa1f")
    image = unpack(content, cv2.IMREAD_GRAYSCALE, MAX_PIXELS)
    assert isinstance(image, np.ndarray)
    assert image.shape == (1, 1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"BM" + bytes(60),
        b"\x89PNG\r\n\x1a\n",
        png_header(10, 10).replace(b"IHDR", b"IDAT"),
        b"\xff\xd8",
        b"\xff\xd8\xff\xe0",
        b"\xff\xd8" + bytes(40),
        b"\xff\xd8\xff\xff\xff\xd0\xff\x01\xff\xc0\x00\x0b\x08\x00",
        b"\xff\xd8\xff\xe0\x00\x00" * 9,
        b"RIFF....WEBP",
        b"RIFF....WEBPVP8 " + bytes(20),
        b"RIFF....WEBPVP8L" + bytes(20),
        b"RIFF....WEBPXXXX" + bytes(20),
        b"{}",
        "Grüße".encode(),
    ],
)
def test_what_is_no_picture_is_a_value(content: bytes) -> None:
    """Other kinds of files, and pictures torn in the header, are answers."""
    assert picture_size(content) is None
    assert unpack(content, cv2.IMREAD_GRAYSCALE, MAX_PIXELS) is Unreadable.NOT_A_PICTURE


def test_an_exception_of_the_library_is_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenCV may also raise, for example when memory is short; no picture is known that makes it."""

    def raises(*_arguments: object) -> None:
        raise cv2.error

    monkeypatch.setattr(cv2, "imdecode", raises)
    assert unpack(packed(PICTURE), cv2.IMREAD_COLOR, MAX_PIXELS) is Unreadable.NOT_A_PICTURE


def test_a_torn_picture_does_not_raise() -> None:
    """Cut anywhere, a picture is either unpacked as far as it goes or told as none."""
    for kind in KINDS:
        content = packed(PICTURE, kind)
        for length in range(0, len(content), max(1, len(content) // 40)):
            assert isinstance(unpack(content[:length], cv2.IMREAD_GRAYSCALE, MAX_PIXELS), np.ndarray | Unreadable)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([packed(PICTURE[:40, :40], kind) for kind in KINDS]), st.data())
def test_a_damaged_picture_does_not_raise(content: bytes, data: st.DataObject) -> None:
    """Bytes changed anywhere, the header included, raise nothing and unpack nothing over the bound."""
    damaged = bytearray(content)
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=8)):
        damaged[at] = value
    result = unpack(bytes(damaged), cv2.IMREAD_COLOR, 1_000_000)
    assert isinstance(result, Unreadable) or result.shape[0] * result.shape[1] <= 1_000_000


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF....WEBPVP8"]))
def test_any_header_is_read_without_an_exception(content: bytes, start: bytes) -> None:
    """Whatever the bytes, the size is a pair of positive numbers or None."""
    size = picture_size(start + content)
    assert size is None or (size[0] > 0 and size[1] > 0)
