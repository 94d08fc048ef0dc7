"""``./run``: the whole product on this machine, with a display to try, without one as a guided tour.

Exit codes: 0 all went as it must, 1 a step of the tour did not, 3 something could not be started, 130 Ctrl-C.
"""

import argparse
import os
import sqlite3
import sys
import tempfile
from pathlib import Path

from demo import interrupts

_DONE, _STEP_FAILED, _NOT_STARTED, _INTERRUPTED = 0, 1, 3, 130


def main() -> int:
    """Run the demo; return the exit code."""
    arguments = _parse()
    try:
        interrupts.install()
        # Everything lies in a short-lived folder: a second run finds nothing of the first.
        with tempfile.TemporaryDirectory(prefix="atrium-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            return _run(arguments, folder)
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
        return _INTERRUPTED


def _run(arguments: argparse.Namespace, folder: Path) -> int:
    import psycopg  # noqa: PLC0415 - loaded once Ctrl-C is at home

    from demo.browser.chromium import BrowserError  # noqa: PLC0415
    from demo.children import ChildError  # noqa: PLC0415
    from demo.hand import HandError  # noqa: PLC0415
    from demo.live import run_live  # noqa: PLC0415
    from demo.server import CommandError  # noqa: PLC0415
    from demo.tour.walk import walk  # noqa: PLC0415

    try:
        if not arguments.tour and _has_display():
            run_live(folder, _camera())
            return _DONE
        holds = walk(folder, arguments.output)
    except (BrowserError, ChildError, CommandError, HandError, OSError, psycopg.Error, sqlite3.Error) as error:
        print(f"\nThe demo cannot go on: {error}", file=sys.stderr, flush=True)
        return _NOT_STARTED
    verdict = "Every step ended as it must" if holds else "NOT every step ended as it must"
    print(f"\n{verdict}: {arguments.output / 'summary.md'}", flush=True)
    return _DONE if holds else _STEP_FAILED


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run", description="Run the whole product on this machine.")
    parser.add_argument("--tour", action="store_true", help="walk the guided tour although there is a display")
    parser.add_argument("--output", type=Path, default=Path("demo-output"), help="where the tour writes what it found")
    return parser.parse_args()


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _camera() -> str | None:
    return "device:0" if Path("/dev/video0").exists() else None


if __name__ == "__main__":
    sys.exit(main())
