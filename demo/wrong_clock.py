"""A wall clock that is wrong for one process alone: what the kiosk reads is really wrong, and this machine's is right.

Debian's libfaketime 0.9.10 was tried first and cannot be used: with it ``time.sleep`` of CPython 3.11 raises EINVAL
(absolute ``clock_nanosleep``) and Qt's timed waits return at once (``pthread_cond_timedwait`` by the monotonic clock).
So sixty lines of C of our own do it, compiled when the demo starts, by whichever small compiler there is.
"""

import platform
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Final, Self

from demo.children import run_to_end

VARIABLE: Final = "ATRIUM_DEMO_CLOCK"
_SOURCE: Final = Path(__file__).with_name("wrong_clock.c")
_COMPILE_S: Final = 30.0
_WORD_BYTES: Final = 64
"""Where ``time_t`` and ``long`` have 64 bits, on Linux."""


class WrongClock:
    """Offset and library for the processes that are started with ``environment``."""

    def __init__(self, folder: Path, library: Path) -> None:
        self._offset = folder / "clock"
        self._library = library
        self._offset.write_bytes(struct.pack("=q", 0))

    @classmethod
    def build(cls, folder: Path) -> Self | None:
        """Return a clock that is right for now; None where there is no compiler, or no such machine."""
        compiler = shutil.which("tcc") or shutil.which("cc") or shutil.which("gcc")
        if compiler is None or platform.system() != "Linux" or platform.architecture()[0] != f"{_WORD_BYTES}bit":
            return None
        library = folder / "wrong-clock.so"
        command = [compiler, "-shared", "-fPIC", "-nostdlib", "-o", str(library), str(_SOURCE)]
        try:
            done = run_to_end(command, {"PATH": "/usr/bin:/bin", "TMPDIR": str(folder)}, _COMPILE_S)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return cls(folder, library) if done.returncode == 0 else None

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process read this clock."""
        return {"LD_PRELOAD": str(self._library), VARIABLE: str(self._offset)}

    def move(self, seconds: int) -> None:
        """Be off by so many seconds, at once, in all processes that read this clock."""
        # In place, because those processes hold the file mapped; eight aligned bytes change in one go.
        with self._offset.open("r+b", buffering=0) as file:
            file.write(struct.pack("=q", seconds))
