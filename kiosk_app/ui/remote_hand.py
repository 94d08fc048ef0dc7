"""A hand from outside: another process of the same user taps, types, looks and takes pictures of the real window.

Off unless a socket is named on the command line. One JSON object a line in, one a line out::

    {"do": "tap", "name": "keypad-7"}                      -> {"ok": true}
    {"do": "type", "name": "pairing-address", "text": ".."} -> {"ok": true}
    {"do": "screenshot", "path": "/tmp/x.png"}             -> {"ok": true, "width": 540, "height": 960}
    {"do": "look"}  -> {"ok": true, "screen": "Ready", "texts": [..], "controls": [{"name","label","enabled"}..],
                        "strip": null, "language": "en", "theme": "light"}
    {"do": "follow"} -> {"ok": true, "following": true}, then a line for each step of each scan, past ones first:
                        {"scan": 81220114, "check_in": "0198..", "step": "durable", "at_ns": 81231407, "reason": null}
    anything else   -> {"ok": false, "error": "not_found", "message": ".."}

Whoever may open the socket (mode 0600) may do what a finger in the lobby may do, see what an eye sees there, and follow
how far each scan has come, without a name or a code. Taps are mouse events at the widget's centre, refused where
something covers it, as for a finger.
"""

import contextlib
import json
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from PySide6.QtCore import QEvent, QObject, QPointF, QSocketNotifier, Qt, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget

from kiosk_app.core.errors import SettingsError
from kiosk_app.core.scan_steps import ScanNote
from kiosk_app.ui.scan_ledger import ScanLedger
from kiosk_app.ui.texts.catalogue import without_isolates
from kiosk_app.ui.window import KioskWindow

LINE_MAX_BYTES = 64 * 1024
CLIENTS_MAX = 4
_SEND_TIMEOUT_S = 2.0

Answer = dict[str, object]
_FOLLOWING: Final[Answer] = {"ok": True, "following": True}
Kind = TypeVar("Kind", bound=QWidget)


class HandSocketError(SettingsError):
    """The socket at ``path`` cannot be opened; ``why`` is the system's word for it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"The remote hand's socket {path} cannot be opened: {why}.")
        self.path, self.why = path, why


class _RefusedError(Exception):
    """The hand cannot do what was asked: a short code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


@dataclass(slots=True)
class _Client:
    connection: socket.socket
    notifier: QSocketNotifier
    pending: bytearray = field(default_factory=bytearray)
    follows: bool = False


class RemoteHand(QObject):
    """Listens on the socket and works in the GUI thread, one line at a time."""

    def __init__(self, window: KioskWindow, path: Path, ledger: ScanLedger | None = None) -> None:
        """Open the socket. Without a ``ledger`` there is nothing to follow.

        Raises:
            HandSocketError: the path is too long, taken by a living kiosk or not writable.
        """
        super().__init__(window)
        self._window, self._path = window, path
        self._ledger = ledger
        self._clients: dict[int, _Client] = {}
        self._listener = _listen(path)
        self._arrivals = QSocketNotifier(self._listener.fileno(), QSocketNotifier.Type.Read, self)
        self._arrivals.activated.connect(self._accept)
        self._deeds: dict[str, Callable[[Mapping[str, object]], Answer]] = {
            "tap": self._tap,
            "type": self._type,
            "screenshot": self._screenshot,
            "look": self._look,
        }
        if ledger is not None:
            self._deeds["follow"] = self._follow
            ledger.noted.connect(self._tell_followers)

    def close(self) -> None:
        """Hang up on everybody and remove the socket."""
        self._arrivals.setEnabled(False)
        for descriptor in list(self._clients):
            self._hang_up(descriptor)
        self._listener.close()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # gone again before we looked
            return
        if len(self._clients) >= CLIENTS_MAX:
            connection.close()
            return
        connection.setblocking(False)
        descriptor = connection.fileno()
        notifier = QSocketNotifier(descriptor, QSocketNotifier.Type.Read, self)
        notifier.activated.connect(lambda: self._read(descriptor))
        self._clients[descriptor] = _Client(connection, notifier)

    def _read(self, descriptor: int) -> None:
        client = self._clients.get(descriptor)
        if client is None:
            return
        try:
            chunk = client.connection.recv(LINE_MAX_BYTES)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            self._hang_up(descriptor)
            return
        client.pending += chunk
        while (end := client.pending.find(b"\n")) >= 0 and descriptor in self._clients:
            line = bytes(client.pending[:end])
            del client.pending[: end + 1]
            self._answer(descriptor, client, line)
        if len(client.pending) > LINE_MAX_BYTES:
            self._send(descriptor, client, _error("line_too_long", f"At most {LINE_MAX_BYTES} bytes a line."))
            self._hang_up(descriptor)

    def _answer(self, descriptor: int, client: _Client, line: bytes) -> None:
        if len(line) > LINE_MAX_BYTES:
            answer = _error("line_too_long", f"At most {LINE_MAX_BYTES} bytes a line.")
        else:
            answer = self.do(line)
        self._send(descriptor, client, answer)
        if answer == _FOLLOWING:
            client.follows = True
            for note in () if self._ledger is None else self._ledger.kept:
                self._tell(descriptor, client, note)

    def do(self, line: bytes) -> Answer:
        """Do what one line asks for and return the answer. Never raises for anything a line may hold."""
        try:
            asked = json.loads(line)
        except (ValueError, RecursionError):
            return _error("not_json", "A line must be one JSON object.")
        if not isinstance(asked, dict):
            return _error("not_an_object", "A line must be one JSON object.")
        deed = self._deeds.get(str(asked.get("do")))
        if deed is None:
            return _error("unknown_do", f"do is one of {', '.join(self._deeds)}.")
        try:
            return {"ok": True, **deed(asked)}
        except _RefusedError as refused:
            return _error(refused.code, refused.message)

    def _tap(self, asked: Mapping[str, object]) -> Answer:
        widget = self._find(asked)
        centre = widget.rect().center()
        place = widget.mapTo(self._window, centre)
        target = self._window.childAt(place)
        if target is None or (target is not widget and not widget.isAncestorOf(target)):
            raise _RefusedError("covered", "Something lies over it.")
        for kind, buttons in (
            (QEvent.Type.MouseButtonPress, Qt.MouseButton.LeftButton),
            (QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton),
        ):
            where = QPointF(target.mapFrom(self._window, place))
            on_screen = QPointF(self._window.mapToGlobal(place))
            event = QMouseEvent(
                kind, where, on_screen, Qt.MouseButton.LeftButton, buttons, Qt.KeyboardModifier.NoModifier
            )
            QApplication.sendEvent(target, event)
        return {}

    def _type(self, asked: Mapping[str, object]) -> Answer:
        widget, text = self._find(asked), _text(asked, "text")
        for character in text:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier, character)
                QApplication.sendEvent(widget, event)
        return {}

    def _screenshot(self, asked: Mapping[str, object]) -> Answer:
        path = _text(asked, "path")
        if not path.endswith(".png") or "\0" in path:
            raise _RefusedError("bad_path", "path must end in .png.")
        self._window.finish_motion()
        picture = self._window.grab()
        if not picture.save(path, "PNG"):
            raise _RefusedError("not_saved", "The picture could not be written there.")
        return {"width": picture.width(), "height": picture.height()}

    def _look(self, _asked: Mapping[str, object]) -> Answer:
        view = self._window.view
        journey = None if view is None else view.journey
        controls: list[QPushButton | QLineEdit] = [*self._visible(QPushButton), *self._visible(QLineEdit)]
        return {
            "screen": "" if journey is None else type(journey.screen).__name__,
            "texts": [without_isolates(label.text()) for label in self._visible(QLabel) if label.text()],
            "controls": [
                {"name": control.objectName(), "label": _label(control), "enabled": control.isEnabled()}
                for control in controls
            ],
            "strip": without_isolates(self._window.strip_text) or None,
            "language": "" if journey is None else journey.comfort.language.value,
            "theme": "" if journey is None else journey.comfort.appearance.theme.value,
        }

    def _follow(self, _asked: Mapping[str, object]) -> Answer:
        return {"following": True}

    @Slot(object)
    def _tell_followers(self, note: ScanNote) -> None:
        for descriptor, client in list(self._clients.items()):
            if client.follows:
                self._tell(descriptor, client, note)

    def _tell(self, descriptor: int, client: _Client, note: ScanNote) -> None:
        line = {
            "scan": note.scan,
            "check_in": note.check_in_id,
            "step": note.step.value,
            "at_ns": note.at_ns,
            "reason": note.reason,
        }
        data = json.dumps(line).encode() + b"\n"
        try:
            taken = client.connection.send(data)
        except OSError:
            taken = 0
        # Visitors do not wait for a follower who does not listen; whoever comes back is told again.
        if taken < len(data):
            self._hang_up(descriptor)

    def _visible(self, kind: type[Kind]) -> list[Kind]:
        return [widget for widget in self._window.findChildren(kind) if widget.isVisible()]

    def _find(self, asked: Mapping[str, object]) -> QWidget:
        name = _text(asked, "name")
        found = [widget for widget in self._window.findChildren(QWidget, name) if widget.objectName()]
        if not found:
            raise _RefusedError("not_found", "No widget has that name.")
        seen = [widget for widget in found if widget.isVisible()]
        if not seen:
            raise _RefusedError("not_visible", "It is not on the screen now.")
        if not seen[0].isEnabled():
            raise _RefusedError("not_enabled", "It cannot be pressed now.")
        return seen[0]

    def _send(self, descriptor: int, client: _Client, answer: Answer) -> None:
        data = json.dumps(answer, ensure_ascii=False).encode() + b"\n"
        try:
            client.connection.settimeout(_SEND_TIMEOUT_S)
            client.connection.sendall(data)
            client.connection.setblocking(False)
        except OSError:
            self._hang_up(descriptor)

    def _hang_up(self, descriptor: int) -> None:
        client = self._clients.pop(descriptor, None)
        if client is not None:
            client.notifier.setEnabled(False)
            client.notifier.deleteLater()
            client.connection.close()


def _label(control: QPushButton | QLineEdit) -> str:
    text = control.text() if isinstance(control, QPushButton) else ""
    return without_isolates(control.accessibleName() or text).strip()


def _text(asked: Mapping[str, object], key: str) -> str:
    value = asked.get(key)
    if not isinstance(value, str) or not value:
        raise _RefusedError("bad_request", f"{key} must be a text that is not empty.")
    return value


def _error(code: str, message: str) -> Answer:
    return {"ok": False, "error": code, "message": message}


def _listen(path: Path) -> socket.socket:
    """Return a listening socket at ``path`` that only this user can open. A dead kiosk's socket is replaced."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.is_socket():
            _remove_if_dead(path)
        # The mode must hold from the first moment on, so it is the mask that sets it and no later change of mode.
        mask = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(mask)
        listener.listen(CLIENTS_MAX)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise HandSocketError(path, error.strerror or str(error)) from error
    return listener


def _remove_if_dead(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
