"""The hand at the kiosk: taps its window, types, looks and takes screenshots through the kiosk's own socket.

One JSON object a line each way, as ``kiosk_app.ui.remote_hand`` documents it.
"""

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.waiting import wait_until

_ANSWER_S = 10.0


class HandError(Exception):
    """The window did not do what was asked of it, or does not answer."""


@dataclass(frozen=True, slots=True)
class View:
    """What a person sees now."""

    screen: str
    texts: tuple[str, ...]
    strip: str | None
    controls: tuple[str, ...]
    enabled: tuple[str, ...] = ()
    """Those of the controls that can be pressed now."""

    def says(self, text: str) -> bool:
        """Whether ``text`` is part of anything shown."""
        return any(text in shown for shown in self.texts)


class Hand:
    """A hand at one kiosk's window. Connects anew for each action, so a restarted kiosk is no special case.

    Attributes:
        fields: How many fields were filled in so far.
    """

    def __init__(self, socket_path: Path) -> None:
        self._path = socket_path
        self.fields = 0

    def is_there(self) -> bool:
        """Whether the window answers."""
        try:
            self.look()
        except (HandError, OSError):
            return False
        return True

    def look(self) -> View:
        """Return what the window shows."""
        answer = self._ask({"do": "look"})
        return View(
            screen=str(answer["screen"]),
            texts=tuple(str(text) for text in answer["texts"]),
            strip=answer.get("strip") or None,
            controls=tuple(str(control["name"]) for control in answer["controls"]),
            enabled=tuple(str(control["name"]) for control in answer["controls"] if control["enabled"]),
        )

    def tap(self, name: str) -> None:
        """Tap the control called ``name``."""
        self._ask({"do": "tap", "name": name})

    def type_text(self, name: str, text: str) -> None:
        """Type ``text`` into the field called ``name``."""
        self._ask({"do": "type", "name": name, "text": text})
        self.fields += 1

    def type_digits(self, digits: str) -> None:
        """Tap ``digits`` on the kiosk's own keypad."""
        for digit in digits:
            self.tap(f"keypad-{digit}")
        self.fields += 1

    def take_screenshot(self, path: Path) -> None:
        """Save the window as a PNG."""
        self._ask({"do": "screenshot", "path": str(path)})

    def wait_for(self, *screens: str, seconds: float) -> View:
        """Wait until the window shows one of ``screens``.

        Raises:
            HandError: ``seconds`` went by; says what was shown instead.
        """
        seen: list[View] = []

        def arrived() -> bool:
            try:
                seen[:] = [self.look()]
            except (HandError, OSError):
                return False
            return seen[0].screen in screens

        if not wait_until(arrived, seconds):
            shown = f"{seen[0].screen}: {' / '.join(seen[0].texts[:4])}" if seen else "nothing"
            raise HandError(f"expected {' or '.join(screens)} within {seconds:.0f} s, the window shows {shown}")
        return seen[0]

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_ANSWER_S)
            connection.connect(str(self._path))
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as lines:
                line = lines.readline()
        if not line:
            raise HandError(f"the window closed the connection after {request['do']}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise HandError(f"{request['do']} {request.get('name', '')}: {answer['error']}")
        return answer
