"""A disk that stalls, for a program that does not know: every sync of a process is held back by the kernel on our word.

The process hands its ``fsync`` and ``fdatasync`` over by a seccomp filter (seccomp(2), ``SECCOMP_RET_USER_NOTIF``),
set before its first thread. The thread that syncs sleeps in the kernel, as it would on a disk that does not answer: it
holds what it holds (SQLite's write lock) and lets go what it lets go (the interpreter's lock). Nothing of the program
is replaced, and a sync made by the window's own thread would stop the window, as it should.

What it does not cover: ``write`` and ``read``, which end in the page cache as long as there is room; and syncs are not
made slower on top of what the real disk takes.
"""

import ctypes
import fcntl
import heapq
import os
import platform
import random
import select
import socket
import struct
import threading
import time
from types import TracebackType
from typing import Final, NamedTuple, Self


class _Machine(NamedTuple):
    """Numbers of one processor's system calls, and the name the kernel has for it."""

    audit_arch: int
    seccomp: int
    fsync: int
    fdatasync: int


_MACHINES: Final = {
    "x86_64": _Machine(0xC000003E, 317, 74, 75),
    "aarch64": _Machine(0xC00000B7, 277, 82, 83),
}

# linux/prctl.h, linux/seccomp.h, linux/bpf_common.h
_NO_NEW_PRIVILEGES: Final = 38
_SET_FILTER: Final = 1
_NEW_LISTENER: Final = 8
_ALLOW: Final = 0x7FFF0000
_NOTIFY: Final = 0x7FC00000
_LOAD: Final = 0x20
_JUMP_IF_EQUAL: Final = 0x15
_RETURN: Final = 0x06
_RECEIVE: Final = 0xC0502100
_ANSWER: Final = 0xC0182101
_CONTINUE: Final = 1
_NOTICE_BYTES: Final = 80


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def hand_syncs_over(wire: socket.socket) -> None:
    """Give the syncs of this process, and of every thread it starts from now on, to whoever reads ``wire``."""
    machine = _MACHINES[platform.machine()]
    steps = (
        (_LOAD, 0, 0, 4),  # the processor
        (_JUMP_IF_EQUAL, 0, 3, machine.audit_arch),
        (_LOAD, 0, 0, 0),  # the call's number
        (_JUMP_IF_EQUAL, 2, 0, machine.fsync),
        (_JUMP_IF_EQUAL, 1, 0, machine.fdatasync),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _NOTIFY),
    )
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(steps), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel keeps the right to new privileges")
    descriptor = libc.syscall(machine.seccomp, _SET_FILTER, _NEW_LISTENER, ctypes.byref(program))
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")
    socket.send_fds(wire, [b"syncs"], [descriptor])
    os.close(descriptor)


class StallingDisk:
    """Answers the syncs of one process: most at once, some after a while. Use as a context manager.

    Args:
        chance: Of each sync to stall, from 0 to 1.
        stall_s: How long.
        seed: Of the chance.

    Attributes:
        wire: What the process is to be given, for :func:`hand_syncs_over`.
        syncs: How many there were, by thread.
        stalls: How many of them stalled.
    """

    def __init__(self, chance: float, stall_s: float, seed: int) -> None:
        self._chance = chance
        self._stall_s = stall_s
        self._random = random.Random(seed)  # noqa: S311 - which syncs stall is no secret, and must repeat
        self._ours, self.wire = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="stalling disk", daemon=True)
        self.syncs: dict[int, int] = {}
        self.stalls = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The process has ended by now, or never handed anything over; either way nobody waits for an answer.
        self._ours.close()
        self.wire.close()
        self._thread.join(2)

    def started(self) -> None:
        """Let go of the process's end, once it has its own."""
        self.wire.close()

    def _serve(self) -> None:
        try:
            _, descriptors, _, _ = socket.recv_fds(self._ours, 8, 1)
        except OSError:
            return
        if not descriptors:
            return
        try:
            self._answer_all(descriptors[0])
        finally:
            os.close(descriptors[0])

    def _answer_all(self, listener: int) -> None:
        due: list[tuple[float, int]] = []
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        while True:
            wait_ms = max(0.0, due[0][0] - time.monotonic()) * 1000 if due else None
            events = poll.poll(wait_ms)
            while due and due[0][0] <= time.monotonic():
                _let_go(listener, heapq.heappop(due)[1])
            for _, event in events:
                if event & select.POLLHUP:
                    return
                notice = self._read(listener)
                if notice is None:
                    continue
                if self._random.random() < self._chance:
                    self.stalls += 1
                    heapq.heappush(due, (time.monotonic() + self._stall_s, notice))
                else:
                    _let_go(listener, notice)

    def _read(self, listener: int) -> int | None:
        """Return the number of the next sync that waits, None where its thread is gone already."""
        request = bytearray(_NOTICE_BYTES)
        try:
            fcntl.ioctl(listener, _RECEIVE, request)
        except OSError:
            return None
        notice, thread = struct.unpack_from("QI", request)
        self.syncs[thread] = self.syncs.get(thread, 0) + 1
        return int(notice)


def _let_go(listener: int, notice: int) -> None:
    """Let the sync happen. One whose thread has ended needs no answer."""
    try:
        fcntl.ioctl(listener, _ANSWER, bytearray(struct.pack("QqiI", notice, 0, 0, _CONTINUE)))
    except OSError:
        return
