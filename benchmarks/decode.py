"""How well and how fast codes are read: our generated frames, three readers side by side, and what each rescue earns.

Writes the tables to ``benchmarks/RESULTS.md`` and two plots beside it. 3,520 frames take about a quarter of an hour;
fewer visitors give wider intervals.

    python -m benchmarks.decode [VISITORS]
"""

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, ParamSpec

import cv2
import numpy as np
import zxingcpp

from benchmarks.frames import SINGLES, SIZES, VISITORS, Condition, Frame, conditions, empty_lobbies
from benchmarks.frames import frames as frames_of
from benchmarks.hostile import hostile_frames
from benchmarks.rates import Rate
from benchmarks.report import write_report
from demo.visitor.canvas import Picture
from kiosk_app.camera import readers
from kiosk_app.camera.attention import shrunk
from kiosk_app.camera.decoders import Decoder
from kiosk_app.camera.watching import Watcher

BARE, ZBAR, OURS, FIRST_AND_ONE = "zxing-cpp alone", "zbar alone", "ours, everything", "ours, one picture's worth"
PICTURES = Path(__file__).parents[2] / "shared" / "images"
FRAME_NS = 83_000_000
_ROUNDS = 30
_EVERY_QR: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_P = ParamSpec("_P")


@dataclass
class Measured:
    """Everything that the report states."""

    single: dict[str, dict[str, Rate]] = field(default_factory=dict)
    """Reader, then condition."""
    visitors: dict[str, dict[str, Rate]] = field(default_factory=dict)
    wrong: Counter[str] = field(default_factory=Counter)
    hit_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    miss_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    rescues: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Rescue, then ``tried``, ``read``, ``alone``."""
    rescue_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    frames_to_read: list[int] = field(default_factory=list)
    empty: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    hostile: dict[str, dict[str, float]] = field(default_factory=dict)
    photographs: dict[str, dict[str, Rate]] = field(default_factory=dict)


def main() -> int:
    """Measure everything and write it down."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else VISITORS
    measured = Measured()
    decoder = Decoder()
    for condition in conditions():
        began = time.monotonic()
        _measure_condition(condition, range(count), decoder, measured)
        print(
            f"{condition.name}: {measured.single[OURS][condition.name]} ({time.monotonic() - began:.0f} s)", flush=True
        )
    _measure_empty(decoder, measured)
    _measure_hostile(measured)
    _measure_photographs(decoder, measured)
    write_report(measured, decoder, Path(__file__).parent)
    return 0


def _measure_condition(condition: Condition, visitors: range, decoder: Decoder, measured: Measured) -> None:
    singles: dict[str, Counter[bool]] = defaultdict(Counter)
    seen: dict[str, Counter[bool]] = defaultdict(Counter)
    for size in SIZES:
        for visitor in visitors:
            shown = list(frames_of(range(visitor, visitor + 1), size, condition))
            for frame in shown:
                if frame.number in SINGLES:
                    _measure_single(frame, decoder, measured, singles)
            seen[BARE][any(frame.text in _bare(_grey(frame)) for frame in shown)] += 1
            first = _first_read(shown, decoder)
            seen[OURS][first is not None] += 1
            if first is not None:
                measured.frames_to_read.append(first)
    for reader, counter in singles.items():
        measured.single.setdefault(reader, {})[condition.name] = Rate(counter[True], counter.total())
    for reader, counter in seen.items():
        measured.visitors.setdefault(reader, {})[condition.name] = Rate(counter[True], counter.total())


def _measure_single(frame: Frame, decoder: Decoder, measured: Measured, singles: dict[str, Counter[bool]]) -> None:
    grey = _grey(frame)
    zbar = readers.zbar_reader()
    ways: dict[str, Callable[[], list[str]]] = {
        BARE: lambda: _bare(grey),
        OURS: lambda: [symbol.text for symbol in decoder.read(grey)],
        FIRST_AND_ONE: lambda: [symbol.text for symbol in Watcher(decoder).look(grey, 0).symbols],
    }
    if zbar is not None:
        ways[ZBAR] = lambda: [symbol.text for symbol in zbar(grey)]
    for name, way in ways.items():
        began = time.perf_counter()
        texts = way()
        seconds = time.perf_counter() - began
        is_read = texts == [frame.text]
        singles[name][is_read] += 1
        measured.wrong[name] += any(text != frame.text for text in texts)
        (measured.hit_s if is_read else measured.miss_s)[name].append(seconds)
    if not _bare(grey):
        _measure_rescues(frame, grey, decoder, measured)


def _measure_rescues(frame: Frame, grey: Picture, decoder: Decoder, measured: Measured) -> None:
    helped = []
    for number, name in enumerate(decoder.rescues):
        began = time.perf_counter()
        symbols = decoder.rescue(grey, decoder.find_region(grey), number)
        measured.rescue_s[name].append(time.perf_counter() - began)
        measured.rescues[name]["tried"] += 1
        if [symbol.text for symbol in symbols] == [frame.text]:
            measured.rescues[name]["read"] += 1
            helped.append(name)
    if len(helped) == 1:
        measured.rescues[helped[0]]["alone"] += 1


def _first_read(shown: list[Frame], decoder: Decoder) -> int | None:
    """Return in which of a visitor's frames the kiosk reads the code: one first look, one rescue a frame."""
    watcher = Watcher(decoder)
    for number, frame in enumerate(shown):
        symbols = watcher.look(frame.picture, number * FRAME_NS).symbols
        if [symbol.text for symbol in symbols] == [frame.text]:
            return number + 1
    return None


def _measure_empty(decoder: Decoder, measured: Measured) -> None:
    """An empty lobby: what each costs, in turns so that a busy machine is busy for all."""
    for size in SIZES:
        pictures = list(empty_lobbies(size))
        greys = [readers.to_grey(picture) for picture in pictures]
        zbar = readers.zbar_reader()
        times: dict[str, list[float]] = defaultdict(list)
        calm = Watcher(decoder)
        for number in range(40):
            calm.look(greys[number % len(greys)], number * FRAME_NS)
        for number in range(_ROUNDS * len(pictures)):
            picture, grey = pictures[number % len(pictures)], greys[number % len(greys)]
            _timed(times["grey"], readers.to_grey, picture)
            _timed(times["zxing-cpp alone"], readers.read_zxing, grey)
            # A fresh watcher has just woken up: gate open. The calm one saw the same lobby for seconds: gate closed.
            _timed(times["gate open"], Watcher(decoder).look, picture, 0)
            _timed(times["gate closed"], _look_at_calm, calm, grey)
            if zbar is not None and number % 5 == 0:
                _timed(times["zbar alone"], zbar, grey)
        measured.empty[size] = times


def _measure_hostile(measured: Measured) -> None:
    for size, pixels in SIZES.items():
        worst = {}
        for name, picture in hostile_frames(pixels).items():
            decoder = Decoder()
            watcher = Watcher(decoder)
            times: list[float] = []
            for number in range(2 * len(decoder.rescues)):
                _timed(times, watcher.look, picture, number * FRAME_NS)
            if decoder.faults:
                raise SystemExit(f"{name}: {decoder.faults} exceptions")
            worst[name] = max(times)
        measured.hostile[size] = worst


def _measure_photographs(decoder: Decoder, measured: Measured) -> None:
    for folder in sorted(path for path in PICTURES.glob("*") if path.is_dir()):
        counts: dict[str, Counter[bool]] = {BARE: Counter(), OURS: Counter()}
        for photograph in sorted(folder.iterdir()):
            grey = cv2.imread(str(photograph), cv2.IMREAD_GRAYSCALE) if photograph.suffix != ".txt" else None
            if grey is None:
                continue
            truth = photograph.with_suffix(".txt")
            text = truth.read_bytes().decode("utf-8") if truth.exists() else None
            picture = np.asarray(grey, dtype=np.uint8)
            for name, texts in ((BARE, _bare(picture)), (OURS, [one.text for one in decoder.read(picture)])):
                counts[name][texts == ([] if text is None else [text])] += 1
        measured.photographs[folder.name] = {
            name: Rate(counter[True], counter.total()) for name, counter in counts.items()
        }


def _look_at_calm(calm: Watcher, grey: Picture) -> None:
    """What a frame costs in which nothing moved: the small picture, and the comparison with the one before."""
    calm.wants(shrunk(grey), 41 * FRAME_NS)


def _timed(times: list[float], call: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> None:
    began = time.perf_counter()
    call(*args, **kwargs)
    times.append(time.perf_counter() - began)


def _bare(grey: Picture) -> list[str]:
    """What the library reads as it comes, but for the format."""
    return [one.text for one in zxingcpp.read_barcodes(grey, formats=_EVERY_QR)]


def _grey(frame: Frame) -> Picture:
    return np.asarray(cv2.cvtColor(frame.picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


if __name__ == "__main__":
    sys.exit(main())
