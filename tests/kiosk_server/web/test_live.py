"""Live pages: an event when something happened, the end with the session, and a bound on how many."""

import re
from collections.abc import AsyncIterator

import anyio
import pytest

from kiosk_server.domain.roles import Role
from kiosk_server.store.database import Database
from kiosk_server.web import live
from tests.kiosk_server.support import World, new_world
from tests.kiosk_server.web.browser import Browser, signed_in


def events_of(world: World, browser: Browser, *happenings: object) -> list[str]:
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
        return [event async for event in live.beats(world.house, world.tenant.id, browser.cookie, pause)]

    return anyio.run(collect)


def test_an_event_comes_when_something_happened_and_only_then(world: World) -> None:
    """At first the present pulse, then one for each change; the session's end ends the stream."""
    browser = signed_in(world, Role.SITE_ADMIN)
    events = events_of(world, browser, None, None, world.visit, None)
    assert events[0].startswith("retry:")
    pulses = [int(found[1]) for event in events if (found := re.match(r"event: pulse\ndata: (\d+)\n\n", event))]
    assert len(pulses) == 2
    assert pulses[0] < pulses[1]
    assert events[-1].startswith("event: over")


def test_the_page_carries_the_pulse_it_was_made_at(world: World) -> None:
    """What happens between the page and its stream is not missed: the numbers differ then."""
    browser = signed_in(world, Role.SITE_ADMIN)
    found = re.search(r'data-pulse="(\d+)"', browser.page("/visits"))
    assert found is not None
    assert int(found[1]) == live.pulse_of(world.house, world.tenant.id)
    world.visit()
    assert int(found[1]) < live.pulse_of(world.house, world.tenant.id)


def test_another_tenants_life_is_no_event(world: World, archive: Database) -> None:
    """The pulse is the tenant's own."""
    before = live.pulse_of(world.house, world.tenant.id)
    other = new_world(archive, 2_000_000)
    other.visit()
    assert live.pulse_of(world.house, world.tenant.id) == before


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
