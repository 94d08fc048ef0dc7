"""Live pages: an event when something happened, the end with the session, and a bound on how many."""

import re
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import anyio
import pytest

from kiosk_server.domain.roles import Role
from kiosk_server.domain.times import to_seconds
from kiosk_server.services.devices import rename_device
from kiosk_server.services.failures import StoreError
from kiosk_server.services.house import OPERATOR
from kiosk_server.store.database import Database
from kiosk_server.web import live
from tests.kiosk_server.support import START, World, new_world
from tests.kiosk_server.web.browser import Browser, signed_in
from tests.kiosk_server.web.test_kiosks import beat


def events_of(world: World, browser: Browser, *happenings: object, pulse: live.Pulse = live.pulse_of) -> list[str]:
    """Return the stream's events while one happening after the other takes place between two looks."""
    waiting = list(happenings)

    async def pause(_: float) -> None:
        if not waiting:
            browser.send("/sign-out")
            return
        happening = waiting.pop(0)
        if callable(happening):
            happening()

    async def collect() -> list[str]:
        return [event async for event in live.beats(world.house, world.tenant.id, browser.cookie, pause, pulse)]

    return anyio.run(collect)


def pulses_in(events: list[str]) -> list[str]:
    return [found[1] for event in events if (found := re.fullmatch(r"event: pulse\ndata: (\S+)\n\n", event))]


def test_an_event_comes_when_something_happened_and_only_then(world: World) -> None:
    """At first the present pulse, then one for each change; the session's end ends the stream."""
    browser = signed_in(world, Role.SITE_ADMIN)
    events = events_of(world, browser, None, None, world.visit, None)
    assert events[0].startswith("retry:")
    before, after = pulses_in(events)
    assert int(before) < int(after)
    assert events[-1].startswith("event: over")


def test_the_page_carries_the_pulse_it_was_made_at(world: World) -> None:
    """What happens between the page and its stream is not missed: the numbers differ then."""
    browser = signed_in(world, Role.SITE_ADMIN)
    found = re.search(r'data-pulse="(\d+)"', browser.page("/visits"))
    assert found is not None
    assert found[1] == live.pulse_of(world.house, world.tenant.id)
    world.visit()
    assert found[1] != live.pulse_of(world.house, world.tenant.id)


def kiosk_pulses(world: World, *happenings: object) -> int:
    """Return how often a page about kiosks is told to look again, its first look not counted."""
    browser = signed_in(world, Role.SITE_ADMIN)
    return len(pulses_in(events_of(world, browser, *happenings, pulse=live.kiosk_pulse_of))) - 1


def test_a_healthy_kiosks_heartbeats_are_no_event(world: World) -> None:
    """Ten of them, a minute apart, all saying the same."""
    kiosk = world.kiosk()
    beat(kiosk, token_expires=0)

    def next_minute() -> None:
        world.clock.advance(minutes=1)
        beat(kiosk, trust_issued_at=to_seconds(START), token_expires=0)

    next_minute()
    assert kiosk_pulses(world, *[next_minute] * 10) == 0


@pytest.mark.parametrize(
    "change",
    [{"waiting": 1}, {"parked": 1}, {"clock": "suspect"}, {"camera": "CAM-2"}, {"app_version": "0.1.1"}],
    ids=lambda change: next(iter(change)),
)
def test_a_kiosk_that_says_something_else_is_an_event(world: World, change: dict[str, Any]) -> None:
    """Once: when it says so first."""
    kiosk = world.kiosk()
    beat(kiosk)
    assert kiosk_pulses(world, None, lambda: beat(kiosk, **change), lambda: beat(kiosk, **change)) == 1


def test_silence_and_its_end_are_an_event_each(world: World) -> None:
    """No kiosk says that it is silent; the stream notices."""
    kiosk = world.kiosk()
    beat(kiosk, trust_issued_at=to_seconds(START))
    silence, heard = (lambda: world.clock.advance(minutes=4)), lambda: beat(kiosk, trust_issued_at=to_seconds(START))
    assert kiosk_pulses(world, silence, None, heard, None) == 2


def test_what_people_do_is_an_event_for_pages_about_kiosks_too(world: World) -> None:
    """A pairing, a new name, a revocation."""
    kiosk = world.kiosk()
    rename = partial(rename_device, world.house, world.tenant.id, kiosk.device_id, "South", OPERATOR)
    assert kiosk_pulses(world, world.kiosk, rename) == 2


def test_pages_about_visits_are_not_told_of_kiosks(world: World) -> None:
    """They show nothing of them."""
    kiosk, browser = world.kiosk(), signed_in(world, Role.SITE_ADMIN)
    assert len(pulses_in(events_of(world, browser, lambda: beat(kiosk, waiting=7)))) == 1


@pytest.mark.parametrize("one", [False, True], ids=["list", "one kiosk"])
def test_pages_about_kiosks_ask_for_their_stream(world: World, monkeypatch: pytest.MonkeyPatch, one: bool) -> None:
    """The page names what it is about, and its pulse is the stream's, so that nothing between them is missed."""
    monkeypatch.setattr(live, "LOOKS", 1)
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0.0)
    kiosk, browser = world.kiosk(), signed_in(world, Role.INSTALLER)
    page = browser.page(f"/kiosks/{kiosk.device_id}" if one else "/kiosks")
    found = re.search(r'data-pulse="([^"]+)" data-about="([^"]+)"', page)
    assert found is not None
    assert pulses_in([browser.get(f"/live?about={found[2]}").text.partition("\n\n")[2]]) == [found[1]]


def test_a_database_that_is_away_ends_no_stream(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is told when it is back."""
    browser = signed_in(world, Role.SITE_ADMIN)
    seen: Iterator[str | StoreError] = iter(["1", StoreError("away"), "1"])

    def pulse(*_: object) -> str:
        found = next(seen)
        if isinstance(found, StoreError):
            raise found
        return found

    assert pulses_in(events_of(world, browser, None, None, pulse=pulse)) == ["1", "away", "1"]


def test_another_tenants_life_is_no_event(world: World, archive: Database) -> None:
    """The pulse is the tenant's own."""
    before = live.pulse_of(world.house, world.tenant.id)
    other = new_world(archive, 2_000_000)
    other.visit()
    assert live.pulse_of(world.house, world.tenant.id) == before
    kiosks = live.kiosk_pulse_of(world.house, world.tenant.id)
    beat(other.kiosk())
    assert live.kiosk_pulse_of(world.house, world.tenant.id) == kiosks


def test_the_stream_is_an_event_stream(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over HTTP, with the headers of every page; it ends by itself and names nobody."""
    monkeypatch.setattr(live, "LOOKS", 1)
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0.0)
    world.visit("Ada Lovelace")
    answer = signed_in(world, Role.VIEWER).get("/live")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(r"retry: 5000\n\nevent: pulse\ndata: \d+\n\n", answer.text)


def test_there_are_only_so_many_places(world: World) -> None:
    """Whoever finds none is told so and takes none; a stream that ends gives its place back."""

    async def one() -> AsyncIterator[str]:
        yield "data: x\n\n"

    async def fill() -> list[str]:
        held = [live._held(one()) for _ in range(live.MOST_STREAMS)]
        for stream in held:
            await anext(stream)
        refused = [event async for event in live._held(one())]
        for stream in held:
            await stream.aclose()  # type: ignore[attr-defined] # it is a generator, typed as what callers need
        return refused + [event async for event in live._held(one())]

    assert anyio.run(fill) == ["event: full\ndata: -\n\n", "data: x\n\n"]
