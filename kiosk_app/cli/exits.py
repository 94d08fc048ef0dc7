"""What the exit status says, and how a trouble of ours is told at a terminal: a sentence and a code, no traceback."""

import sys
from typing import Final

from kiosk_app.core.errors import KioskError

OK: Final = 0
FAILED: Final = 1
"""The command ran, and what it was to do did not come about."""
USAGE: Final = 2
"""The command makes no sense as given; also argparse's own."""
ALREADY_RUNNING: Final = 3
STORE: Final = 4


def complain(sentence: str) -> None:
    """Tell the person at the terminal."""
    print(f"atrium-kiosk: {sentence}", file=sys.stderr)  # noqa: T201 - the terminal is where the command line speaks


def complain_of(error: KioskError) -> None:
    """Tell the person at the terminal, with the code that leads to the runbook."""
    complain(f"{error} [{error.code.value}]")


def answer(line: str) -> None:
    """Write one line of output and let it go at once, for whoever reads along."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
