"""The ledger as a table: newest scan on top, one column a step, what waits counted up before your eyes."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Slot
from PySide6.QtGui import QBrush, QColor, QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from demo.panel.ledger import STEPS, Ledger, Row, spell_ms, spell_reason, spell_wait
from demo.panel.looks import GOOD, MUTED, REFUSED, TEXT, WAITING

_HEADINGS: Final = ("#", "seen", "verified", "durable", "green", "sent", "acknowledged")
_TELLS: Final = (
    "A number, nothing about who came",
    "When the camera's picture with the code was taken",
    "Form, signature and site of the code are good",
    "The check-in is committed to the kiosk's disk",
    "The welcome stands on the kiosk's screen in full",
    "The request that the server answered began its way",
    "The server's answer is committed on the kiosk",
)
_FIXED_PX: Final = (44, 92)
"""Number and time; the steps share what is left."""
NOTHING: Final = "\N{EN DASH}"
_TICK_MS: Final = 100
_ROW_PX: Final = 30
_GREEN: Final = STEPS.index("green") + 1
_SENT: Final = STEPS.index("sent") + 1
_ACKNOWLEDGED: Final = STEPS.index("acknowledged") + 1

Index = QModelIndex | QPersistentModelIndex


class LedgerModel(QAbstractTableModel):
    """The rows, newest first."""

    def __init__(self) -> None:
        super().__init__()
        self._ledger = Ledger()

    @property
    def rows(self) -> list[Row]:
        """Newest first."""
        return self._ledger.rows[::-1]

    def take(self, note: Mapping[str, Any]) -> None:
        """Take one step of one scan."""
        self.beginResetModel()
        self._ledger.take(note)
        self.endResetModel()

    def tick(self) -> None:
        """Count up what waits."""
        for place, row in enumerate(self.rows):
            if row.waits:
                self.dataChanged.emit(self.index(place, _SENT), self.index(place, _ACKNOWLEDGED))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._ledger.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the headings."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _HEADINGS[section]
            case Qt.ItemDataRole.ToolTipRole:
                return _TELLS[section]
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(section)
            case _:
                return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one cell."""
        row = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell_text(row, index.column(), time.monotonic_ns())
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(index.column(), wide=bool(row.turned_away))
            case Qt.ItemDataRole.ForegroundRole:
                return QBrush(QColor(_colour(row, index.column())))
            case Qt.ItemDataRole.FontRole:
                font = QFont()
                font.setBold(index.column() == _GREEN or (bool(row.turned_away) and index.column() > _GREEN))
                return font
            case _:
                return None


class LedgerTable(QTableView):
    """The table."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("ledger")
        self.setAccessibleName("Ledger of scans")
        self.ledger = LedgerModel()
        self.setModel(self.ledger)
        self.ledger.modelReset.connect(self._span)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The tab key leaves the table; inside it the arrows move.
        self.setTabKeyNavigation(False)
        header = self.horizontalHeader()
        header.setSectionsClickable(False)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for column, width in enumerate(_FIXED_PX):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, width)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self.ledger.tick)
        self._tick.start()

    @Slot()
    def _span(self) -> None:
        """Give the reason of a refusal the room that its later steps do not need."""
        self.clearSpans()
        for place, row in enumerate(self.ledger.rows):
            if row.turned_away:
                self.setSpan(place, _GREEN + 1, 1, len(_HEADINGS) - _GREEN - 1)


def cell_text(row: Row, column: int, now_ns: int) -> str:
    """Return what a cell says at ``now_ns``, monotonic clock."""
    if column == 0:
        return str(row.number)
    step = STEPS[column - 1]
    if step == "seen":
        return _wall_time(row, now_ns)
    if row.turned_away and column > _GREEN:
        verdict = "refused" if row.turned_away == "refused" else "to reception"
        return f"{verdict}: {spell_reason(row.reason)}"
    if row.turned_away and column == _GREEN:
        step = row.turned_away
    if row.parked and column == _ACKNOWLEDGED:
        return f"parked: {spell_reason(row.parked)}"
    if step == "sent" and row.waits and step not in row.at_ns:
        return f"waits {spell_wait((now_ns - row.at_ns['durable']) // 1_000_000)}"
    ms = row.ms(step)
    if ms is None:
        return "done" if step in row.at_ns else NOTHING
    return spell_ms(ms)


def _wall_time(row: Row, now_ns: int) -> str:
    if row.scan is None:
        return "before"
    seen = datetime.now().astimezone() - timedelta(microseconds=(now_ns - row.scan) // 1000)
    return seen.strftime("%H:%M:%S")


def _colour(row: Row, column: int) -> str:
    if row.turned_away and column >= _GREEN:
        return REFUSED if row.turned_away == "refused" else WAITING
    if row.waits and column >= _SENT:
        return WAITING
    if column in {_GREEN, _ACKNOWLEDGED}:
        return WAITING if row.parked and column == _ACKNOWLEDGED else GOOD
    return MUTED if column == 0 else TEXT


def _alignment(column: int, *, wide: bool = False) -> Qt.AlignmentFlag:
    left = column <= 1 or (wide and column > _GREEN)
    return Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight)
