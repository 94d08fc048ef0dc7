"""Where the two programs lie: beside the interpreter that runs the demo."""

import sys
from pathlib import Path


def program(name: str) -> str:
    """Return the path of an installed command."""
    return str(Path(sys.executable).with_name(name))
