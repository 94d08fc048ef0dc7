"""Finding and reading codes, on good pictures and on bad ones."""

import ctypes.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis.extra import numpy as arrays

from kiosk_app.camera import readers
from kiosk_app.camera.decoders import ZBAR_MISSING, Decoder
from kiosk_app.camera.opencv import cv2
from kiosk_app.camera.pictures import Unreadable, read_grey
from kiosk_app.camera.pixels import Pixels
from kiosk_app.camera.symbols import MAX_PAYLOAD_BYTES, MAX_PIXELS, Symbol
from tests.kiosk_app.camera.made import on_canvas, qr_picture

PHOTOGRAPHS = Path(__file__).parents[4] / "shared" / "images"
NO_PHOTOGRAPHS = "the collection of photographs is not part of the project and not beside it"
NO_ZBAR = "libzbar is not installed here"

needs_zbar = pytest.mark.skipif(ctypes.util.find_library("zbar") is None, reason=NO_ZBAR)


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return Decoder()


def texts(symbols: tuple[Symbol, ...]) -> list[str]:
    return [symbol.text for symbol in symbols]


def test_a_code_is_read_from_grey_and_from_colour(decoder: Decoder) -> None:
    """A grey picture and a BGR picture give the same text and the same corners, clockwise from the code's top left."""
    code = qr_picture("V1:HELLO", module_px=8)
    grey = on_canvas(code, at=(40, 50))
    (symbol,) = decoder.read(grey)
    assert symbol.text == "V1:HELLO"
    assert symbol.reader == "zxing"
    assert decoder.read(np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), dtype=np.uint8)) == (symbol,)
    left, top, size = 50 + 32, 40 + 32, 21 * 8
    wanted = ((left, top), (left + size, top), (left + size, top + size), (left, top + size))
    assert np.abs(np.array(symbol.corners) - np.array(wanted)).max() <= 8


@pytest.mark.parametrize("turned", range(4))
@pytest.mark.parametrize("inverted", [False, True])
def test_a_code_is_read_turned_and_inverted(decoder: Decoder, turned: int, *, inverted: bool) -> None:
    """A phone held sideways and a phone in dark mode are read."""
    picture = np.rot90(on_canvas(qr_picture("V1:HELLO"), grey=255), turned)
    shown = 255 - picture if inverted else picture
    assert texts(decoder.read(shown)) == ["V1:HELLO"]


def test_every_code_of_a_picture_is_read_once(decoder: Decoder) -> None:
    """Two different codes are two symbols; the same text twice is one."""
    left, right = qr_picture("V1:LEFT"), qr_picture("V1:RIGHT")
    assert sorted(texts(decoder.read(np.hstack([left, right])))) == ["V1:LEFT", "V1:RIGHT"]
    assert texts(decoder.read(np.hstack([left, left]))) == ["V1:LEFT"]


@needs_zbar
def test_zbar_reads_what_zxing_misses() -> None:
    """A code without a quiet zone is missed by zxing-cpp and read at the second chance."""
    decoder = Decoder()
    picture = on_canvas(qr_picture("V1:NO QUIET ZONE AT ALL" * 3, quiet=0), grey=60)
    assert readers.read_zxing(picture) == []
    (symbol,) = decoder.read(picture)
    assert symbol.text == "V1:NO QUIET ZONE AT ALL" * 3
    assert symbol.reader == "zbar"
    assert decoder.notes == ()


def test_without_zbar_the_decoder_says_so_and_reads_on() -> None:
    """Where the shared library is missing, a note tells staff, and zxing-cpp reads alone."""
    program = """
import ctypes.util
ctypes.util.find_library = lambda name: None
from kiosk_app.camera.decoders import Decoder
from tests.kiosk_app.camera.made import on_canvas, qr_picture
decoder = Decoder()
print(decoder.notes[0])
print(decoder.read(on_canvas(qr_picture("V1:HELLO")))[0].text)
print(decoder.read(qr_picture("V1:HELLO")[:40]), decoder.faults)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == [ZBAR_MISSING, "V1:HELLO", "() 0"]


@needs_zbar
@pytest.mark.parametrize("text", ["V1:ABC $%*+-./:", "Grüße aus Köln", "日本語テキスト", "😀", "a\x00b", "a" * 2900])
def test_both_readers_tell_the_same_text(text: str) -> None:
    """Visit codes and foreign codes come out of both libraries as the text that went in."""
    picture = qr_picture(text, module_px=4)
    zbar = readers.zbar_reader()
    assert zbar is not None
    assert [symbol.text for symbol in readers.read_zxing(picture)] == [text]
    assert [symbol.text for symbol in zbar(picture)] == [text]


@pytest.mark.parametrize("content", [b"\xff\xfe\xfd" * 9, b"\xc3\x28", b"\xed\xa0\x80abc", bytes(range(128, 256))])
def test_a_code_of_bytes_is_some_text(decoder: Decoder, content: bytes) -> None:
    """A code that holds no text at all is still told, so that the kiosk can say that it is no visit code."""
    faults = decoder.faults
    (symbol,) = decoder.read(qr_picture(content))
    assert symbol.text.encode("utf-8") != b""
    assert decoder.faults == faults


def test_other_barcodes_are_not_read(decoder: Decoder) -> None:
    """Only QR codes count: other codes, as on the back of many things in a visitor's hand, are not seen."""
    formats = zxingcpp.BarcodeFormat
    for kind, text in ((formats.Code128, "12345678"), (formats.DataMatrix, "V1:HELLO"), (formats.MicroQRCode, "12345")):
        picture = np.array(zxingcpp.create_barcode(text, kind).to_image(scale=6, add_quiet_zones=True))
        assert zxingcpp.read_barcodes(picture), kind
        assert decoder.read(np.asarray(picture, dtype=np.uint8)) == (), kind


def test_a_payload_over_the_bound_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text over 4,096 bytes is dropped and counted; one of just so many is kept."""
    longest, too_long = "ä" * (MAX_PAYLOAD_BYTES // 2), "ä" * (MAX_PAYLOAD_BYTES // 2) + "a"
    found = [Symbol(too_long, (), "zxing"), Symbol(longest, (), "zxing")]
    monkeypatch.setattr(readers, "read_zxing", lambda _grey: found)
    decoder = Decoder()
    assert texts(decoder.read(np.zeros((8, 8), dtype=np.uint8))) == [longest]
    assert decoder.oversize == 1


def test_an_exception_of_a_library_is_a_miss_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """If one reader raises, the other still has its chance, and nothing reaches the caller."""

    def fails(_grey: Pixels) -> list[Symbol]:
        raise RuntimeError

    monkeypatch.setattr(readers, "read_zxing", fails)
    monkeypatch.setattr(readers, "zbar_reader", lambda: lambda _grey: [Symbol("second", (), "zbar")])
    decoder = Decoder()
    assert texts(decoder.read(np.zeros((8, 8), dtype=np.uint8))) == ["second"]
    assert decoder.faults == 1


@pytest.mark.parametrize(
    "picture",
    [
        None,
        "picture",
        [[0, 0], [0, 0]],
        np.zeros((0, 0), dtype=np.uint8),
        np.zeros((0, 640), dtype=np.uint8),
        np.zeros((480, 0, 3), dtype=np.uint8),
        np.zeros(640, dtype=np.uint8),
        np.zeros((), dtype=np.uint8),
        np.zeros((8, 8, 1), dtype=np.uint8),
        np.zeros((8, 8, 4), dtype=np.uint8),
        np.zeros((2, 8, 8, 3), dtype=np.uint8),
        np.zeros((8, 8), dtype=np.uint16),
        np.zeros((8, 8), dtype=np.float64),
        np.zeros((8, 8), dtype=bool),
        np.zeros((8, 8), dtype=object),
        np.broadcast_to(np.uint8(0), (MAX_PIXELS // 1000 + 1, 1000)),
    ],
)
def test_what_is_no_picture_is_a_miss_and_counted(picture: Any) -> None:
    """Wrong types, empty ones and pictures over 50 million pixels give nothing, and are counted."""
    decoder = Decoder()
    assert decoder.read(picture) == ()
    assert decoder.faults == 1


def finder_patterns(module_px: int) -> Pixels:
    """A 720p frame full of the marks that a QR reader looks for first."""
    ring = np.zeros((9, 9), dtype=np.uint8)
    ring[1:8, 1:8], ring[2:7, 2:7], ring[3:6, 3:6] = 1, 0, 1
    tile = np.kron((1 - ring) * 255, np.ones((module_px, module_px)))
    return np.asarray(np.tile(tile, (720 // tile.shape[0] + 1, 1280 // tile.shape[1] + 1))[:720, :1280], dtype=np.uint8)


def hostile_frames() -> dict[str, Pixels]:
    rng = np.random.default_rng(7)
    rows, columns = np.indices((720, 1280))
    code = qr_picture("V1:" + "A" * 300)
    half_code = code.copy()
    half_code[:, code.shape[1] // 2 :] = 255
    stripes = np.asarray(columns // 3 % 2 * 255, dtype=np.uint8)
    return {
        "finder patterns of 1 px": finder_patterns(1),
        "finder patterns of 3 px": finder_patterns(3),
        "noise": rng.integers(0, 256, (720, 1280), dtype=np.uint8),
        "noise of two levels": rng.integers(0, 2, (720, 1280), dtype=np.uint8) * np.uint8(255),
        "checkerboard": np.asarray((rows + columns) % 2 * 255, dtype=np.uint8),
        "stripes": stripes,
        "half a code": half_code,
        "one pixel": np.zeros((1, 1), dtype=np.uint8),
        "one row": stripes[:1],
        "one column": np.ascontiguousarray(stripes[:, :1]),
        "black": np.zeros((720, 1280), dtype=np.uint8),
        "white": np.full((720, 1280, 3), 255, dtype=np.uint8),
        "12 million pixels": np.full((3000, 4000), 90, dtype=np.uint8),
    }


@pytest.mark.parametrize("name", hostile_frames())
def test_a_hostile_frame_is_a_miss(decoder: Decoder, name: str) -> None:
    """Frames made to confuse a reader give nothing and raise nothing, not even inside."""
    faults = decoder.faults
    assert decoder.read(hostile_frames()[name]) == ()
    assert decoder.faults == faults


@settings(max_examples=60, deadline=None)
@given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=2, max_dims=3, max_side=48)))
def test_any_small_picture_raises_nothing(picture: Pixels) -> None:
    """Whatever the pixels, the answer is a tuple of symbols."""
    assert isinstance(Decoder().read(picture), tuple)


def test_a_view_into_a_larger_picture_is_read(decoder: Decoder) -> None:
    """Pictures whose rows do not lie one after the other in memory are read like any other."""
    wide = np.hstack([on_canvas(qr_picture("V1:HELLO")), np.zeros((480, 13), dtype=np.uint8)])
    view = wide[:, :640]
    assert not view.flags.c_contiguous
    assert texts(decoder.read(view)) == ["V1:HELLO"]


def photographs(folder: str) -> list[Path]:
    found = sorted((PHOTOGRAPHS / folder).glob("*.webp"))
    if not found:
        pytest.skip(NO_PHOTOGRAPHS)
    return found


@pytest.mark.parametrize("folder", ["qrcode-1", "qrcode-3"])
def test_photographs_are_read_no_worse_than_by_zxing_alone(decoder: Decoder, folder: str) -> None:
    """Each photograph that bare zxing-cpp reads is read, and whatever is read is what the photograph says."""
    for photograph in photographs(folder):
        grey = read_grey(photograph)
        assert not isinstance(grey, Unreadable)
        truth = photograph.with_suffix(".txt").read_bytes().decode("utf-8")
        bare = [one.text for one in zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormat.QRCode)]
        ours = texts(decoder.read(grey))
        assert ours == [truth] or (not ours and truth not in bare), photograph.name


def test_photographs_without_a_code_give_none(decoder: Decoder) -> None:
    """No photograph of the collection of false positives is read as a code."""
    found = photographs("falsepositives-1") + sorted((PHOTOGRAPHS / "falsepositives-1").glob("*.[pj][np]g"))
    for photograph in found:
        grey = read_grey(photograph)
        assert isinstance(grey, Unreadable) or decoder.read(grey) == (), photograph.name
