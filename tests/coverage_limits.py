"""The coverage limits as a pytest plugin: every branch of the named packages, and most of everything.

`./check` loads it with `-p tests.coverage_limits`. It runs after pytest-cov has put the measurements of all processes
together, and before pytest's closing line, so that the verdict stands among the others. Limits per package are not
something coverage.py offers itself.
"""

import json
import tempfile
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from coverage import Coverage

# Rules that decide who comes in: an untested branch there is an untested decision.
COMPLETE = ("kiosk_protocol/", "kiosk_app/core/")
TOTAL_PERCENT = 90.0

_VERDICT = pytest.StashKey[tuple[float, tuple[str, ...]]]()


@dataclass(frozen=True, slots=True)
class Measured:
    """What was seen of one file."""

    missing_lines: tuple[int, ...]
    missing_branches: tuple[tuple[int, int], ...]  # from line, to line; negative means leaving the function


def ranges(lines: Iterable[int]) -> str:
    """Write sorted line numbers as a person would: `3-7, 12`."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def gaps(files: Mapping[str, Measured], total_percent: float) -> tuple[str, ...]:
    """Return one sentence for each limit that is missed, naming file and lines."""
    found = []
    for name, seen in sorted(files.items()):
        if not name.startswith(COMPLETE):
            continue
        if seen.missing_lines:
            found.append(f"{name}: lines never run: {ranges(seen.missing_lines)}")
        if branches := [branch for branch in seen.missing_branches if branch[0] not in seen.missing_lines]:
            arrows = ", ".join(f"{start} -> {end if end > 0 else 'exit'}" for start, end in branches)
            found.append(f"{name}: branches never taken: {arrows}")
    if total_percent < TOTAL_PERCENT:
        found.append(f"all files: {total_percent:.1f} % covered, at least {TOTAL_PERCENT:.0f} % are wanted")
    return tuple(found)


def measure(coverage: Coverage) -> tuple[dict[str, Measured], float]:
    """Return files and total percentage of the measurements on disk."""
    coverage.load()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "coverage.json")
        coverage.json_report(outfile=str(path))
        report = json.loads(path.read_bytes())
    files = {
        name: Measured(tuple(file["missing_lines"]), tuple((start, end) for start, end in file["missing_branches"]))
        for name, file in report["files"].items()
    }
    return files, report["totals"]["percent_covered"]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Judge the measurements once all tests have run and pytest-cov, which this wraps, has saved them."""
    result = yield
    files, total_percent = measure(Coverage())
    found = gaps(files, total_percent)
    session.config.stash[_VERDICT] = (total_percent, found)
    # The exit code follows from this count; it is settled before the closing hooks run.
    session.testsfailed += len(found)
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was covered and what was missed, above pytest's closing line."""
    total_percent, found = config.stash.get(_VERDICT, (0.0, ()))
    terminalreporter.section("coverage")
    complete = " and ".join(name.rstrip("/") for name in COMPLETE)
    terminalreporter.line(f"{total_percent:.1f} % of all; every branch of {complete} is wanted")
    for sentence in found:
        terminalreporter.line(f"MISSED {sentence}", red=True)
