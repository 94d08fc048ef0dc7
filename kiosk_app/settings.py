"""What somebody told this kiosk, checked once: arguments first, then the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from kiosk_app.core.errors import SettingsError
from kiosk_app.paths import DATA_VARIABLE, KEYS_VARIABLE, Paths, find_paths

RELEASED_AT: Final = "2026-01-01T00:00:00Z"
"""The floor of time of a program that was not told when it was built; packages pass ``--build-time``."""
DEFAULT_CAMERA: Final = "device:0"
_WINDOW: Final = re.compile(r"([1-9][0-9]{2,3})x([1-9][0-9]{2,3})(?:\+([0-9]{1,5})\+([0-9]{1,5}))?", re.ASCII)
"""As X11 has always written it: width, height, and where the window's upper left corner comes to lie."""


@dataclass(frozen=True, slots=True)
class WindowSize:
    """A window of so many logical pixels; None in its place means the whole screen."""

    width_px: int
    height_px: int
    place: tuple[int, int] | None = None
    """Logical pixels from the screen's upper left corner; None, or under Wayland: the desktop decides."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What ``run`` was told."""

    paths: Paths
    built_at_ms: int
    camera: str
    setup_code: str
    window: WindowSize | None
    hand: Path | None
    preview: bool = True
    """Whether visitors see themselves; without, no picture leaves the camera's process."""


def paths_from(data: str | None, keys: str | None, environment: Mapping[str, str]) -> Paths:
    """Return the folders by argument, environment or platform. Raises SettingsError."""
    return find_paths(data or environment.get(DATA_VARIABLE), keys or environment.get(KEYS_VARIABLE))


def read_window(text: str) -> WindowSize | None:
    """Return the window in ``540x960`` or ``540x960+20+0``, or None for ``fullscreen``. Raises SettingsError."""
    if text == "fullscreen":
        return None
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise SettingsError(f"The window is fullscreen or a size such as 540x960, not {text}.")
    place = None if match[3] is None else (int(match[3]), int(match[4]))
    return WindowSize(int(match[1]), int(match[2]), place)


def read_moment_ms(text: str) -> int:
    """Return the milliseconds since 1970 of an RFC 3339 moment. Raises SettingsError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise SettingsError(f"A moment is written like 2030-01-31T09:30:00Z, not {text}.")
    return int(moment.timestamp() * 1000)
