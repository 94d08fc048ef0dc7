"""The codes of the live demo: who shows what, made one after the other while the demo already runs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from demo import forgery
from demo.panel.messages import Offer
from demo.server import Invitation
from demo.world import TENANT, World

NEW_VISITOR: Final = "new"
_COPY: Final = "copy"
_COPIED: Final = "ada"
"""Whose code somebody else holds up a second time."""


@dataclass(frozen=True, slots=True)
class _Plan:
    key: str
    title: str
    note: str
    make: Callable[[World], Path]


class Offers:
    """What can be held up. ``make_next`` prepares one more; each takes about a second, the server must run."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pictures: dict[str, Path] = {}
        self._shown: set[str] = set()
        self._waiting: Iterator[_Plan] = iter(_PLANS)
        self._is_done = False
        self._extra = 0

    @staticmethod
    def planned() -> tuple[Offer, ...]:
        """Return all that will be offered, before any of it is made."""
        plans = [Offer(plan.key, plan.title, plan.note, is_ready=False) for plan in _PLANS]
        return (*plans, Offer(NEW_VISITOR, "New visitor", "a fresh code", is_ready=True))

    @property
    def is_done(self) -> bool:
        """Whether everything is prepared."""
        return self._is_done

    def make_next(self) -> None:
        """Prepare one more code. Raises CommandError."""
        plan = next(self._waiting, None)
        if plan is None:
            self._is_done = True
        else:
            self._pictures[plan.key] = plan.make(self._world)

    def picture(self, key: str) -> Path | None:
        """Return the picture of a prepared code, None for any other key. A new visitor is registered first.

        Raises:
            CommandError: the server refused to register one.
        """
        if key == NEW_VISITOR:
            self._extra += 1
            return self._world.invite(f"Visitor {self._extra}").png
        self._shown.add(key)
        return self._pictures.get(key)

    def all(self) -> tuple[Offer, ...]:
        """Return what the panel offers now."""
        return tuple(
            replace(offer, note=self._note(offer), is_ready=offer.is_ready or self._is_ready(offer.key))
            for offer in self.planned()
        )

    def _is_ready(self, key: str) -> bool:
        return key in self._pictures and (key != _COPY or _COPIED in self._shown)

    def _note(self, offer: Offer) -> str:
        if offer.key == _COPY and _COPIED not in self._shown:
            return "after Ada herself"
        return "shown before" if offer.key in self._shown and offer.note == _VALID else offer.note


def _valid(name: str) -> Callable[[World], Path]:
    return lambda world: world.invite(name).png


def _tampered(world: World) -> Path:
    original: Invitation = world.invite("Mary Somerville")
    return forgery.write_visit_code(forgery.tampered(original.token), world.codes / "tampered.png")


def _unknown_key(world: World) -> Path:
    now = int(datetime.now(UTC).timestamp())
    token = forgery.by_unknown_key(world.cast.site_a, now - 600, now + 7200)
    return forgery.write_visit_code(token, world.codes / "unknown-key.png")


def _cancelled(world: World) -> Path:
    visit = world.invite("Rosalind Franklin")
    world.server.command("visit", "cancel", "--tenant", TENANT, visit.visit)
    return visit.png


_VALID: Final = "valid"
_PLANS: Final = (
    _Plan("ada", "Ada", _VALID, _valid("Ada Lovelace")),
    _Plan("grete", "Grete", _VALID, _valid("Grete Hermann")),
    _Plan("sofia", "Sofia", _VALID, _valid("Sofia Kovalevskaya")),
    _Plan(_COPY, "Ada's copy", "her code, again", lambda world: world.codes / "ada-lovelace.png"),
    _Plan("tampered", "Tampered", "one byte differs", _tampered),
    _Plan("early", "Too early", "comes in 5 h", lambda world: world.invite("Emmy Noether", timedelta(hours=5)).png),
    _Plan(
        "other",
        "Other site",
        "not for this door",
        lambda world: world.invite("Lise Meitner", site=world.cast.site_b).png,
    ),
    _Plan("cancelled", "Cancelled", "by her host", _cancelled),
    _Plan("unknown", "Forged", "a key of its own", _unknown_key),
    _Plan(
        "foreign",
        "Foreign QR",
        "not one of ours",
        lambda world: forgery.write_symbol(forgery.FOREIGN_TEXT, world.codes / "foreign.png"),
    ),
)
