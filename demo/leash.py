"""``python leash.py PARENT COMMAND…``: become COMMAND, to be sent SIGTERM by the kernel when PARENT is gone.

A program of its own rather than a hook between fork and exec: the demo has threads, and in a forked copy of a threaded
process hardly anything may safely run.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent, then become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    # Ctrl-C may have come while we were being started, and from then on the demo ignores signals; so would we, since
    # that is inherited, and the kernel's SIGTERM would be lost on us.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    # The parent may have died before the kernel knew of us.
    if os.getppid() != parent:
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - the command is the demo's own, no shell is involved


if __name__ == "__main__":
    main()
