"""What a delivery of several items does to their visits: each item in its turn, all of them in memory.

The records of the visits are read once, before the first item, and written once, after the last. In between each item
meets what those before it left, so that a delivery means the same however it is split.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from kiosk_protocol.identifiers import CheckInId, VisitId
from kiosk_server.domain.check_ins import arrival_of, conflicts_of
from kiosk_server.domain.records import CheckIn, Conflict, ConflictKind, Visit, VisitState

_CONFLICT_ORDER: Final[tuple[ConflictKind, ...]] = ("cancelled", "admitted_elsewhere", "superseded")


class Arrivals:
    """Visits, their check-ins and what was done by hand, while items are added.

    Args:
        visits: As they are locked, by identifier.
        check_ins: Every stored check-in of those visits.
        by_hand: When reception let somebody in by hand, by visit.
    """

    def __init__(
        self, visits: Iterable[Visit], check_ins: Iterable[CheckIn], by_hand: Mapping[VisitId, datetime]
    ) -> None:
        self._visits = {visit.id: visit for visit in visits}
        self._check_ins: dict[VisitId, list[CheckIn]] = {}
        for item in check_ins:
            if item.visit is not None:
                self._check_ins.setdefault(item.visit, []).append(item)
        self._by_hand = by_hand
        self._changed: set[VisitId] = set()
        self._arrived: dict[VisitId, None] = {}
        self._flags: dict[Conflict, None] = {}

    def visit(self, visit: VisitId) -> Visit | None:
        """Return the visit as the items so far left it, or None."""
        return self._visits.get(visit)

    def add(self, item: CheckIn, visit: Visit) -> CheckIn:
        """Add a good item of ``visit``, and return it with its first answer."""
        items = self._check_ins.setdefault(visit.id, [])
        by_hand = self._by_hand.get(visit.id)
        flags = conflicts_of(visit, [*items, item], by_hand=by_hand is not None)
        mine = {flag.kind for flag in flags if flag.check_in == item.id}
        if mine:
            code = next(kind for kind in _CONFLICT_ORDER if kind in mine)
            item = replace(item, first_outcome="conflict", first_code=code)
        items.append(item)
        self._flags.update(dict.fromkeys(sorted(flags, key=lambda flag: (flag.check_in, flag.kind))))
        self._arrive(visit, items, by_hand)
        return item

    def _arrive(self, visit: Visit, items: list[CheckIn], by_hand: datetime | None) -> None:
        arrived_at: datetime
        arrival_check_in: CheckInId | None
        arrived_at, arrival_check_in = arrival_of(items)
        if by_hand is not None and by_hand < arrived_at:
            arrived_at, arrival_check_in = by_hand, None
        state = visit.state
        if state is VisitState.PRE_REGISTERED:
            state = VisitState.CHECKED_IN
            self._arrived[visit.id] = None
        self._visits[visit.id] = replace(visit, state=state, arrived_at=arrived_at, arrival_check_in=arrival_check_in)
        self._changed.add(visit.id)

    @property
    def changed(self) -> tuple[Visit, ...]:
        """Every visit that an item was added to, by identifier."""
        return tuple(self._visits[visit] for visit in sorted(self._changed))

    @property
    def arrived(self) -> tuple[Visit, ...]:
        """The visits that these items checked in, in the items' order."""
        return tuple(self._visits[visit] for visit in self._arrived)

    @property
    def flags(self) -> tuple[Conflict, ...]:
        """Every flag that the added items gave rise to."""
        return tuple(self._flags)
