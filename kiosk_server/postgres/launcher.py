"""Becomes another program: as another user, and not for longer than its parent lives.

Run as a script, ``python -I -S launcher.py UID GID DEATH_SIGNAL PARENT_PID PROGRAM ARGUMENT...``, and never imported
by the server. A script instead of ``preexec_fn``, because that runs Python between fork and exec of a process that has
threads and can deadlock there. Standard library only: with ``-S`` nothing else is on the path.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h
CANNOT_RUN = 126  # the shell's exit status for "found but not executable"


def become(uid: int, gid: int) -> None:
    """Drop root for good; does nothing for a user who is that user already."""
    if os.geteuid() == uid:
        return
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with_parent(death_signal: int, parent_pid: int) -> None:
    """Ask the kernel for ``death_signal`` when the thread that started us ends (prctl(2)).

    After the change of user, which clears the setting; it survives the exec that follows.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    # The parent may have died before the request; then nobody would ever send the signal.
    if os.getppid() != parent_pid:
        sys.exit(CANNOT_RUN)


def main(arguments: list[str]) -> None:
    """Do what the module says; returns only by exception."""
    uid, gid, death_signal, parent_pid = (int(text) for text in arguments[:4])
    program = arguments[4:]
    os.umask(0o077)
    try:
        become(uid, gid)
        die_with_parent(death_signal, parent_pid)
        os.execv(program[0], program)  # noqa: S606 - no shell is the point
    except OSError as error:
        sys.stderr.write(f"{program[0]}: {error.strerror}\n")
        sys.exit(CANNOT_RUN)


if __name__ == "__main__":
    main(sys.argv[1:])
