"""Which look at which code becomes a sighting. A visitor holds a code up for seconds; the desk must hear of it once.

Three rules. A text that was handed on is ignored until it was out of sight for 1.5 s. One sighting is in flight at a
time, until ``settled``. Two different texts in one picture are nobody's choice: they ask, once, for one code.

The gate keeps texts, not people: they are dropped 1.5 s after the code left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

OUT_OF_SIGHT_NS = 1_500_000_000
"""Blur, glare and a shaking hand lose a code for some frames; a hand that comes back takes longer than this."""

UNCLEAR_NS = 500_000_000
"""For so long after a look at two codes, a look at one may be the same two with one of them blurred."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A text to decide about, and when it was seen (monotonic clock, nanoseconds)."""

    text: str
    seen_at_ns: int


@dataclass(frozen=True, slots=True)
class SeveralCodes:
    """Two or more different texts are in view: ask for one."""


@dataclass(frozen=True, slots=True)
class _Held:
    text: str
    last_seen_ns: int


@dataclass(frozen=True, slots=True)
class ScanGate:
    """The gate's memory. ``step`` and ``settled`` return the next one; start with ``ScanGate()``.

    Attributes:
        in_flight: whether a sighting waits for its answer.
        held: texts that were handed on and are in sight, or were within ``OUT_OF_SIGHT_NS``.
        several_seen_ns: the last look at several texts of the occurrence that is going on.
        several_told: whether that occurrence was told.
    """

    in_flight: bool = False
    held: tuple[_Held, ...] = ()
    several_seen_ns: int | None = None
    several_told: bool = False

    def step(self, texts: Sequence[str], now_ns: int) -> tuple["ScanGate", Sighting | SeveralCodes | None]:
        """Take one look.

        Args:
            texts: what the decoder read in one picture; empty if nothing.
            now_ns: when the picture was taken, monotonic clock; never falls.

        Returns:
            The next gate, and what to do about the look, if anything.
        """
        gate = _refreshed(self, frozenset(texts), now_ns)
        match len(set(texts)):
            case 0:
                return gate, None
            case 1:
                return _look_at_one(gate, texts[0], now_ns)
            case _:
                return _look_at_several(gate, now_ns)

    def settled(self) -> "ScanGate":
        """Return the gate after the sighting in flight was answered."""
        return replace(self, in_flight=False)


def _refreshed(gate: ScanGate, texts: frozenset[str], now_ns: int) -> ScanGate:
    """Forget what was out of sight for long enough, and note what is still there."""
    # While an answer is awaited nothing is forgotten: a visitor who lowers the phone and raises it again because the
    # answer is slow must not find the code used by themselves.
    held = tuple(
        _Held(one.text, now_ns) if one.text in texts else one
        for one in gate.held
        if gate.in_flight or now_ns - one.last_seen_ns < OUT_OF_SIGHT_NS
    )
    if gate.several_seen_ns is not None and now_ns - gate.several_seen_ns >= OUT_OF_SIGHT_NS:
        return replace(gate, held=held, several_seen_ns=None, several_told=False)
    return replace(gate, held=held)


def _look_at_one(gate: ScanGate, text: str, now_ns: int) -> tuple[ScanGate, Sighting | None]:
    unclear = gate.several_seen_ns is not None and now_ns - gate.several_seen_ns < UNCLEAR_NS
    if gate.in_flight or unclear or any(one.text == text for one in gate.held):
        return gate, None
    return ScanGate(in_flight=True, held=(*gate.held, _Held(text, now_ns))), Sighting(text, now_ns)


def _look_at_several(gate: ScanGate, now_ns: int) -> tuple[ScanGate, SeveralCodes | None]:
    looking = replace(gate, several_seen_ns=now_ns)
    if gate.in_flight or gate.several_told:
        return looking, None
    return replace(looking, several_told=True), SeveralCodes()
