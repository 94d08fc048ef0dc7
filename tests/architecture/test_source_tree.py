"""What every file must keep to, whichever package it is in."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.project import ROOT, project_files

# The one module of the kiosk that reads the wall clock; everybody else is given a time.
CLOCK_MODULE = Path("kiosk_app/system_clock.py")
WALL_CLOCK = {
    ("time", "time"), ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"),
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
}  # fmt: skip

# Written in pieces, so that this file does not find itself.
INDEX_HOST = re.compile("https?://[a-z.]*(pyp" + "i|python" + "hosted|npm" + "js)")


def wall_clock_lines(source: str) -> list[int]:
    """Return the lines that name a function of the wall clock, called or handed on."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case (
                ast.Attribute(value=ast.Name(id=owner), attr=name)
                | ast.Attribute(value=ast.Attribute(attr=owner), attr=name)
            ) if (owner, name) in WALL_CLOCK:
                found.append(node.lineno)
            case ast.ImportFrom(module="time", names=names) if any(("time", n.name) in WALL_CLOCK for n in names):
                found.append(node.lineno)
    return found


@pytest.mark.parametrize(
    "source",
    ["import time\ntime.time()", "clock = datetime.now", "datetime.datetime.now(UTC)", "from time import time_ns"],
)
def test_a_look_at_the_wall_clock_is_seen(source: str) -> None:
    """The search below finds calls, names handed on and imports."""
    assert wall_clock_lines(source)


def test_the_kiosk_reads_the_wall_clock_in_one_module() -> None:
    """Rules and use cases are given the time, so that tests and the clock guard decide what it is."""
    found = {
        str(path): lines
        for path in project_files()
        if path.parts[0] in ("kiosk_app", "kiosk_protocol") and path.suffix == ".py" and path != CLOCK_MODULE
        if (lines := wall_clock_lines((ROOT / path).read_text()))
    }
    assert found == {}


def test_no_file_names_a_package_index() -> None:
    """Where packages come from is set by whoever installs them, in pip's and apt's own settings."""
    found = [
        str(path)
        for path in project_files()
        if INDEX_HOST.search((ROOT / path).read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []


def test_the_readme_names_everything_at_the_top() -> None:
    """A newcomer finds a line for each folder and file of the top level, and no line for what is not there."""
    readme = (ROOT / "README.md").read_text()
    tree = re.search(r"## The tree\n+```\n(.*?)```", readme, re.DOTALL)
    assert tree
    names = [name.rstrip("/") for line in tree[1].splitlines() for name in re.split(r"  +", line)[0].split(", ")]
    top = {path.parts[0] for path in project_files()} - {".gitignore"}
    assert sorted(names) == sorted({".ci/run" if name == ".ci" else name for name in top})
