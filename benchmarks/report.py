"""``RESULTS.md`` and its plots from what ``decode`` measured. SVG is written by hand: bars need no library."""

from __future__ import annotations

import platform
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.frames import FRAMES_A_VISITOR, conditions
from benchmarks.rates import Rate, median_and_p95_ms

if TYPE_CHECKING:
    from benchmarks.decode import Measured
    from kiosk_app.camera.decoders import Decoder

BEGIN, END = "<!-- decode: begin -->", "<!-- decode: end -->"
_LIBRARIES = ("zxing-cpp", "pyzbar", "opencv-python-headless", "numpy")


def write_report(measured: Measured, decoder: Decoder, folder: Path) -> None:
    """Replace the measured part of ``RESULTS.md`` in ``folder``, and the plots."""
    results = folder / "RESULTS.md"
    before, _, rest = results.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    results.write_text(f"{before}{BEGIN}\n{_tables(measured, decoder)}\n{END}{after}")
    names = [condition.name for condition in conditions()]
    (folder / "rates.svg").write_text(_bars("Single frames read, by condition", names, measured.single))
    (folder / "visitors.svg").write_text(_bars("Visitors read within eight frames", names, measured.visitors))


def machine() -> str:
    """Return what this machine is, in a line."""
    model = next((line.split(":")[1].strip() for line in _cpu_lines() if line.startswith("model name")), "unknown")
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return f"{model}, {platform.system()} {platform.release()}, Python {platform.python_version()}; {libraries}"


def _cpu_lines() -> Sequence[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else ()


def _tables(measured: Measured, decoder: Decoder) -> str:
    readers = list(measured.single)
    frames = sum(rate.tries for rate in measured.single[readers[0]].values())
    visitors = sum(rate.tries for rate in measured.visitors[readers[0]].values())
    parts = [
        f"Measured on {machine()}.",
        f"### {frames} single frames",
        _rate_table(measured.single, readers, measured.wrong),
        "![rates](rates.svg)",
        "### Milliseconds a frame (median / p95)",
        _table(
            ("reader", "frames that it reads", "frames that it does not"),
            [
                (name, median_and_p95_ms(measured.hit_s[name]), median_and_p95_ms(measured.miss_s[name]))
                for name in readers
            ],
        ),
        f"### {visitors} visitors: {FRAMES_A_VISITOR} frames of a shaking hand, one first look and one rescue a frame",
        _rate_table(measured.visitors, list(measured.visitors), Counter()),
        "![visitors](visitors.svg)",
        f"Frames until read: median {statistics.median(measured.frames_to_read):.0f}, "
        f"mean {statistics.mean(measured.frames_to_read):.2f}.",
        "### What each rescue earns and costs",
        _table(
            ("rescue", "reads of the frames that zxing-cpp misses", "only it reads", "ms (median / p95)"),
            [
                (
                    name,
                    str(Rate(measured.rescues[name]["read"], measured.rescues[name]["tried"])),
                    str(measured.rescues[name]["alone"]),
                    median_and_p95_ms(measured.rescue_s[name]),
                )
                for name in decoder.rescues
            ],
        ),
        "### An empty lobby, ms a frame (median / p95)",
        _table(
            ("", *measured.empty),
            [
                (name, *(median_and_p95_ms(times[name]) for times in measured.empty.values()))
                for name in next(iter(measured.empty.values()))
            ],
        ),
        *(_empty_ratios(size, times) for size, times in measured.empty.items()),
        "### Hostile frames, the worst look of each in ms",
        _table(
            ("", *measured.hostile),
            [
                (name, *(f"{worst[name] * 1000:.0f}" for worst in measured.hostile.values()))
                for name in next(iter(measured.hostile.values()))
            ],
        ),
        "### Photographs",
        _table(
            ("folder", *next(iter(measured.photographs.values()), {})),
            [
                (folder, *(f"{rate.hits} of {rate.tries}" for rate in rates.values()))
                for folder, rates in measured.photographs.items()
            ],
        ),
        "In the folder of false positives a picture counts where nothing is read.",
    ]
    return "\n\n".join(parts)


def _rate_table(rates: Mapping[str, Mapping[str, Rate]], readers: Sequence[str], wrong: Counter[str]) -> str:
    rows = [(condition.name, *(str(rates[reader][condition.name]) for reader in readers)) for condition in conditions()]
    for group in dict.fromkeys(condition.group for condition in conditions()):
        members = [condition.name for condition in conditions() if condition.group == group]
        rows.append((f"**all {group}**", *(_sum(rates[reader][name] for name in members) for reader in readers)))
    rows.append(("**all**", *(_sum(rates[reader].values()) for reader in readers)))
    if wrong:
        rows.append(("**wrong texts**", *(str(wrong[reader]) for reader in readers)))
    return _table(("condition", *readers), rows)


def _sum(rates: object) -> str:
    all_of_them = [rate for rate in rates if isinstance(rate, Rate)] if hasattr(rates, "__iter__") else []
    return str(Rate(sum(rate.hits for rate in all_of_them), sum(rate.tries for rate in all_of_them)))


def _empty_ratios(size: str, times: Mapping[str, Sequence[float]]) -> str:
    median = {name: statistics.median(values) for name, values in times.items()}
    floor = median["grey"] + median["zxing-cpp alone"]
    return (
        f"{size}: gate open {median['gate open'] / floor:.2f} x (grey + zxing-cpp) (goal at most 1.3); "
        f"gate closed {median['gate closed'] / median['zxing-cpp alone']:.2f} x zxing-cpp (goal at most 0.5)."
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


_COLOURS = ("#8a949e", "#c9a227", "#1f5f8b", "#5fa36f")
_BAR_PX, _LABEL_PX, _WIDTH_PX = 9, 140, 860


def _bars(title: str, names: Sequence[str], rates: Mapping[str, Mapping[str, Rate]]) -> str:
    """Return grouped horizontal bars, a group for each name and a bar for each reader, with their intervals."""
    row = _BAR_PX * len(rates) + 8
    height = 60 + row * len(names)
    scale = (_WIDTH_PX - _LABEL_PX - 30) / 1.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH_PX}" height="{height}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="#fff"/><text x="8" y="18" font-size="15">{title}</text>'
    ]
    for place, reader in enumerate(rates):
        x = _LABEL_PX + place * 180
        parts.append(f'<rect x="{x}" y="28" width="10" height="10" fill="{_COLOURS[place]}"/>')
        parts.append(f'<text x="{x + 15}" y="37">{reader}</text>')
    for number, name in enumerate(names):
        top = 50 + number * row
        parts.append(f'<text x="{_LABEL_PX - 8}" y="{top + row / 2}" text-anchor="end">{name}</text>')
        for place, reader in enumerate(rates):
            rate = rates[reader][name]
            low, high = (_LABEL_PX + scale * bound for bound in rate.interval)
            y = top + place * _BAR_PX
            parts.append(
                f'<rect x="{_LABEL_PX}" y="{y}" width="{scale * rate.share:.1f}" height="{_BAR_PX - 1}" '
                f'fill="{_COLOURS[place]}"/><path d="M{low:.1f} {y + 4}H{high:.1f}" stroke="#222"/>'
            )
    return "\n".join([*parts, "</svg>\n"])
