"""The upper half of the panel: which code to hold up, and what to do to network, server, kiosk and clock."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from demo.panel.messages import Do, Situation, Wish
from demo.panel.parts import Card, Tile, button, label, restyle

_TILES_A_ROW: Final = 4
_MACHINE_PX: Final = 296
_STATE_PX: Final = 50
"""Room for the longest word, so that nothing moves when it changes."""
_CLOCK_MOVES: Final = (
    ("back", "\N{MINUS SIGN}1 h", "Set the kiosk's wall clock back by an hour"),
    ("forward", "+1 h", "Set the kiosk's wall clock forward by an hour"),
    ("1970", "1970", "Set the kiosk's wall clock to the beginning of 1970"),
    ("right", "Right", "Set the kiosk's wall clock right again"),
)


class CodesCard(Card):
    """Hold up a code."""

    wished = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        head = QHBoxLayout()
        head.addWidget(label("Hold up a code", "heading"))
        head.addStretch()
        self._props = QButtonGroup(self)
        for name, text in (("phone", "Phone"), ("paper", "Paper")):
            choice = button(name, text, f"Show it on {text.lower()}")
            choice.setCheckable(True)
            self._props.addButton(choice)
            head.addWidget(choice)
        self._props.buttons()[0].setChecked(True)
        self._away = button("put-away", "Put away", "Nobody stands before the camera")
        self._away.clicked.connect(lambda: self.wished.emit(Wish(Do.PUT_AWAY)))
        head.addSpacing(12)
        head.addWidget(self._away)
        self.box.addLayout(head)
        self._grid = QGridLayout()
        self._grid.setSpacing(6)
        self.box.addLayout(self._grid)
        self.box.addStretch()
        self._tiles: dict[str, Tile] = {}

    def show_situation(self, now: Situation, *, may_press: bool) -> None:
        """Show what is offered now."""
        self._away.setEnabled(may_press and bool(now.held))
        for place, offer in enumerate(now.offers):
            if offer.key not in self._tiles:
                self._add_tile(offer.key, place)
            self._tiles[offer.key].show_offer(offer, held=offer.key == now.held, may_press=may_press)

    def _add_tile(self, key: str, place: int) -> None:
        tile = Tile(key)
        tile.chosen.connect(self._choose)
        self._grid.addWidget(tile, *divmod(place, _TILES_A_ROW))
        self._grid.setColumnStretch(place % _TILES_A_ROW, 1)
        self._tiles[key] = tile

    def _choose(self, key: str) -> None:
        prop = self._props.checkedButton()
        self.wished.emit(Wish(Do.HOLD_UP, key, "phone" if prop is None else prop.objectName()))


class MachineCard(Card):
    """What can be done to everything that the kiosk stands on."""

    wished = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnMinimumWidth(1, _STATE_PX)
        self._grid.setColumnStretch(2, 1)
        self.setFixedWidth(_MACHINE_PX)
        self.box.addLayout(self._grid)
        self.box.addStretch()
        self._network, self._server = self._toggle("network", ""), self._toggle("server", "")
        self._kill = button("kill-kiosk", "Kill", "SIGKILL, then start it again")
        self._kill.clicked.connect(lambda: self.wished.emit(Wish(Do.KILL_KIOSK)))
        self._power = button("pull-power", "Pull power")
        self._power.clicked.connect(lambda: self.wished.emit(Wish(Do.PULL_POWER)))
        self._states = [
            self._row(place, name, buttons)
            for place, (name, buttons) in enumerate(
                (
                    ("Network", [self._network]),
                    ("Server", [self._server]),
                    ("Kiosk", [self._kill, self._power]),
                    ("Clock", []),
                )
            )
        ]
        self._moves = [self._move(*move) for move in _CLOCK_MOVES]
        moves = QHBoxLayout()
        moves.setSpacing(6)
        for move in self._moves:
            moves.addWidget(move)
        self._grid.addLayout(moves, 4, 0, 1, 3)
        self._note = label("", "small")
        self._note.setWordWrap(True)
        self.box.addWidget(self._note)

    def show_situation(self, now: Situation, *, may_press: bool) -> None:
        """Show how everything stands, and offer what can be done about it."""
        self._network.setText("Mend network" if now.network_is_cut else "Cut network")
        self._network.setProperty("wish", Do.MEND_NETWORK if now.network_is_cut else Do.CUT_NETWORK)
        self._server.setText("Stop server" if now.server_runs else "Start server")
        self._server.setProperty("wish", Do.STOP_SERVER if now.server_runs else Do.START_SERVER)
        self._power.setToolTip(now.power_note or "SIGKILL, drop every page that was not synced, start it again")
        for pressed in (self._network, self._server, self._kill, self._power):
            pressed.setEnabled(may_press)
        for move, (what, _, tip) in zip(self._moves, _CLOCK_MOVES, strict=True):
            move.setEnabled(may_press and not now.clock_note and not (what == "right" and now.clock_off_s == 0))
            move.setToolTip(now.clock_note or tip)
        standings = (
            ("cut", "off") if now.network_is_cut else ("up", "good"),
            ("runs", "good") if now.server_runs else ("off", "off"),
            ("runs", "good") if now.kiosk_runs else ("down", "off"),
            ("right", "good") if now.clock_off_s == 0 else (_spell_offset(now.clock_off_s), "odd"),
        )
        for shown, (text, state) in zip(self._states, standings, strict=True):
            shown.setText(text)
            restyle(shown, "state", state)
        self._note.setText(" ".join(filter(None, (now.power_note, now.clock_note))))
        self._note.setVisible(bool(self._note.text()))

    def _toggle(self, name: str, text: str) -> QPushButton:
        made = button(name, text)
        made.clicked.connect(lambda: self.wished.emit(Wish(Do(made.property("wish")))))
        return made

    def _move(self, what: str, text: str, tip: str) -> QPushButton:
        made = button(f"clock-{what}", text, tip)
        made.clicked.connect(lambda: self.wished.emit(Wish(Do.MOVE_CLOCK, what)))
        return made

    def _row(self, place: int, name: str, buttons: Sequence[QWidget]) -> QLabel:
        self._grid.addWidget(label(name, "heading"), place, 0)
        state = label("")
        self._grid.addWidget(state, place, 1)
        together = QHBoxLayout()
        together.setSpacing(6)
        for one in buttons:
            together.addWidget(one, 1)
        self._grid.addLayout(together, place, 2)
        return state


def _spell_offset(seconds: int) -> str:
    sign = "+" if seconds > 0 else "\N{MINUS SIGN}"
    span = timedelta(seconds=abs(seconds))
    return "in 1970" if span.days else f"{sign}{span.seconds // 3600} h"
