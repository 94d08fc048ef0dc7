"""The ledger as rows: one per scan, each step with its milliseconds since the code was seen. Pure.

A row is called by its number and nothing else. Times are the monotonic clock's, which all processes of this boot share,
so a row goes on where it was after the kiosk was killed and started again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

STEPS: Final = ("seen", "verified", "durable", "green", "sent", "acknowledged")
"""The columns, in their order."""
TURNED_AWAY: Final = ("refused", "reception")
"""What stands in place of *green* where nobody was admitted."""
_KNOWN: Final = frozenset({*STEPS, *TURNED_AWAY, "parked"})
_NS_PER_MS: Final = 1_000_000


@dataclass(slots=True)
class Row:
    """One scan."""

    number: int
    scan: int | None = None
    """When the code was seen, monotonic clock in nanoseconds; None for a check-in from before this ledger."""
    check_in: str | None = None
    at_ns: dict[str, int] = field(default_factory=dict)
    turned_away: str = ""
    """``refused`` or ``reception``; empty where neither."""
    reason: str = ""
    """Why it was turned away."""
    parked: str = ""
    """Why the server wants somebody to look at it."""

    @property
    def waits(self) -> bool:
        """Whether a durable check-in is not acknowledged yet."""
        return "durable" in self.at_ns and "acknowledged" not in self.at_ns and not self.parked

    def ms(self, step: str) -> int | None:
        """Return the milliseconds from *seen* to ``step``, None where it did not happen or nobody knows."""
        at_ns = self.at_ns.get(step)
        return None if at_ns is None or self.scan is None else max(0, at_ns - self.scan) // _NS_PER_MS


class Ledger:
    """All rows, oldest first. Notes may come twice and out of order."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._by_scan: dict[int, Row] = {}
        self._by_check_in: dict[str, Row] = {}

    def take(self, note: Mapping[str, Any]) -> None:
        """Take one line of the kiosk's hand; what is no step of a scan changes nothing."""
        step, at_ns = note.get("step"), note.get("at_ns")
        if not isinstance(at_ns, int) or not isinstance(step, str) or step not in _KNOWN:
            return
        row = self._row(note.get("scan"), note.get("check_in"))
        if row is None:
            return
        # The last one counts: after a lost answer the same check-in is sent again.
        row.at_ns[step] = at_ns
        if step in TURNED_AWAY:
            row.turned_away, row.reason = step, str(note.get("reason") or "")
        elif step == "parked":
            row.parked = str(note.get("reason") or step)

    def _row(self, scan: object, check_in: object) -> Row | None:
        by_scan = self._by_scan.get(scan) if isinstance(scan, int) else None
        by_check_in = self._by_check_in.get(check_in) if isinstance(check_in, str) else None
        row = by_scan or by_check_in
        if row is None:
            if not isinstance(scan, int) and not isinstance(check_in, str):
                return None
            row = Row(self.rows[-1].number + 1 if self.rows else 1)
            self.rows.append(row)
        elif by_scan is not None and by_check_in is not None and by_scan is not by_check_in:
            # What came from the network's thread was faster than what named the scan it belongs to.
            row.at_ns = by_check_in.at_ns | row.at_ns
            row.parked = row.parked or by_check_in.parked
            self.rows.remove(by_check_in)
        if isinstance(scan, int):
            row.scan = scan
            self._by_scan[scan] = row
        if isinstance(check_in, str):
            row.check_in = check_in
            self._by_check_in[check_in] = row
        return row


def spell_ms(ms: int) -> str:
    """Return a duration as a person reads it beside others: ``38 ms``, ``12.4 s``, ``2 min 05 s``."""
    return f"{ms} ms" if ms < 10_000 else spell_wait(ms)


def spell_wait(ms: int) -> str:
    """Return a duration that goes on, in tenths of a second while it is short, so that it does not flicker."""
    if ms < 100_000:
        return f"{ms / 1000:.1f} s"
    minutes, seconds = divmod(ms // 1000, 60)
    return f"{minutes} min {seconds:02d} s"


_REASONS: Final = {
    "not_a_visit_code": "not a visit code",
    "malformed": "not well formed",
    "unknown_key": "signed by an unknown key",
    "bad_signature": "signature does not fit",
    "wrong_site": "for another site",
    "trust_expired": "what it trusts is too old",
    "clock_suspect": "its clock is in doubt",
    "store_unavailable": "its store is away",
    "cancelled": "cancelled",
    "superseded": "an older edition",
    "already_used": "used before",
    "expired": "over",
    "too_early": "too early",
    "unknown_visit": "it never heard of the visit",
    "conflict": "used at another kiosk",
}


def spell_reason(reason: str) -> str:
    """Return why somebody was turned away, in words for the demo; an unknown reason stays as it is."""
    return _REASONS.get(reason, reason.replace("_", " "))
