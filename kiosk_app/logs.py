"""The log: one line per event, to standard error, and only fields of registered event types.

A token or a name has no field to hide in: a field holds a number, a flag, a code of ours, or a machine word that is
checked. There is no way to log a text. Libraries' own loggers are not heard: httpx would write addresses.
"""

import logging
import re
import sys
import traceback
from collections import deque
from dataclasses import dataclass, fields
from enum import Enum
from threading import Lock
from typing import Any, ClassVar, Final, TextIO

from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.system_clock import SystemClock

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
_NO_WORD: Final = re.compile(r"[^A-Za-z0-9_.-]", re.ASCII)
_WORD_CHARACTERS: Final = 64
_CHECK_IN_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_MAX_PLACES: Final = 12


class LogEvent:
    """Base of all events; a subclass is registered by being one."""

    name: ClassVar[str]


@dataclass(frozen=True, slots=True)
class KioskStarted(LogEvent):
    """The window is up and the workers run."""

    name: ClassVar[str] = "started"
    paired: bool


@dataclass(frozen=True, slots=True)
class KioskStopped(LogEvent):
    """The workers were asked to stop; ``late`` did not come home in time."""

    name: ClassVar[str] = "stopped"
    late: int


@dataclass(frozen=True, slots=True)
class WorkerLate(LogEvent):
    """A worker did not end within its two seconds."""

    name: ClassVar[str] = "worker_late"
    worker: str


@dataclass(frozen=True, slots=True)
class Decided(LogEvent):
    """A shown code got its verdict; an admission is durable by now. ``reason`` or ``check_in`` is ``none``."""

    name: ClassVar[str] = "decided"
    verdict: str
    reason: str
    check_in: str
    took_ms: int


@dataclass(frozen=True, slots=True)
class Synced(LogEvent):
    """A round with the server ended. ``failed`` is the first step that failed, or ``none``."""

    name: ClassVar[str] = "synced"
    failed: str
    code: str
    waiting: int
    parked: int


@dataclass(frozen=True, slots=True)
class PairingEnded(LogEvent):
    """An attempt to pair ended; ``outcome`` is ``paired`` or the kind of trouble."""

    name: ClassVar[str] = "pairing_ended"
    outcome: str


@dataclass(frozen=True, slots=True)
class CameraChanged(LogEvent):
    """The camera gives pictures again, or no more."""

    name: ClassVar[str] = "camera"
    code: str


@dataclass(frozen=True, slots=True)
class LookoutEnded(LogEvent):
    """The camera's process ended or was ended, and is replaced; ``how`` is for instance ``signal_11`` or ``silent``."""

    name: ClassVar[str] = "lookout_ended"
    how: str


@dataclass(frozen=True, slots=True)
class Noted(LogEvent):
    """A module of ours noted something through :mod:`logging`; its words stay behind, the place tells which."""

    name: ClassVar[str] = "noted"
    level: str
    place: str


@dataclass(frozen=True, slots=True)
class Fault(LogEvent):
    """Something broke. ``kind`` is the exception's class, ``place`` where it was raised; what it said is not kept."""

    name: ClassVar[str] = "fault"
    code: StaffCode
    kind: str
    place: tuple[str, ...]


_lock = Lock()
_tail: Final[deque[str]] = deque(maxlen=200)
"""The last lines, for the staff's report: about 20 KB."""


def write(event: LogEvent, stream: TextIO | None = None) -> None:
    """Write ``event`` as one line; never raises for a broken stream.

    Raises:
        TypeError: a field holds what no log may hold; a mistake in our own code that tests find.
    """
    parts = [f"{field.name}={_spell(getattr(event, field.name))}" for field in fields(event)]  # type: ignore[arg-type]
    moment = SystemClock().wall().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    line = " ".join((moment, event.name, *parts))
    with _lock:
        _tail.append(line)
        try:
            print(line, file=stream or sys.stderr, flush=True)
        except (OSError, ValueError):
            # Nobody listens any more; the kiosk does not depend on being heard.
            return


def recent() -> tuple[str, ...]:
    """Return this process's last lines, oldest first."""
    with _lock:
        return tuple(_tail)


def fault_of(error: BaseException, code: StaffCode) -> Fault:
    """Return the event for ``error``: its class and the places in our own code that it passed, without its words."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [_word(f"{_stem(frame.filename)}.{frame.lineno}.{frame.name}") for frame in frames]
    return Fault(code, _word(type(error).__name__), tuple(places[-_MAX_PLACES:]))


class LogBridge(logging.Handler):
    """Takes what our own modules say through :mod:`logging`, without their words; libraries are not heard at all."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record's place, and where it carries an exception, the fault."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            write(fault_of(error, StaffCode.UNEXPECTED_FAULT))
        else:
            write(Noted(_word(record.levelname), _word(f"{_stem(record.pathname)}.{record.lineno}")))


def listen() -> None:
    """Let everything that is logged in this process end here."""
    logging.getLogger().addHandler(logging.NullHandler())
    ours = logging.getLogger("kiosk_app")
    ours.propagate = False
    if not any(isinstance(handler, LogBridge) for handler in ours.handlers):
        ours.addHandler(LogBridge())


def _stem(filename: str) -> str:
    return filename.replace("\\", "/").rpartition("/")[2].removesuffix(".py")


def _word(text: str) -> str:
    """Return names of our own code as a machine word, whatever Python calls them: reporting must not fail."""
    word = _NO_WORD.sub("", text)[:_WORD_CHARACTERS]
    return word if _WORD.fullmatch(word) else "unknown"


def _spell(value: Any) -> str:
    if isinstance(value, Enum):
        return _spell(value.value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return ">".join(_spell(part) for part in value) or "none"
    if isinstance(value, str) and (_WORD.fullmatch(value) or _CHECK_IN_ID.fullmatch(value)):
        return value
    raise TypeError("a log field holds numbers, flags, codes and machine words only")
