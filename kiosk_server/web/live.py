"""Live pages by server-sent events: a word whenever something happened; the page then fetches itself anew.

A page says what it is about. What people do is seen by the newest entry of the audit log. What kiosks say is kept as
their newest word without a log, and that one turned silent nobody says at all; so a page about kiosks is told when the
state of any of them is another one, and not with every heartbeat.

The stream carries no data about anybody. It ends with its session, and by itself after five minutes, after which
browsers come back on their own.
"""

import hashlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final

import anyio
import anyio.to_thread
from starlette.responses import Response, StreamingResponse

from kiosk_protocol.identifiers import TenantId
from kiosk_server.domain.health import standing
from kiosk_server.services.failures import StoreError
from kiosk_server.services.house import House
from kiosk_server.services.web_sessions import read_session
from kiosk_server.web import cookies
from kiosk_server.web.pages import Ask

LOOK_EVERY_S: Final = 2.0
LOOKS: Final = 150
"""Five minutes; then the browser connects again."""
MOST_STREAMS: Final = 64
"""Of the 200 connections the server takes: the kiosks' must never wait for pages that somebody left open."""

Pause = Callable[[float], Awaitable[None]]

Pulse = Callable[[House, TenantId], str]

_AWAY: Final = "away"
"""Seen instead of a pulse while the database is away."""

_places = threading.BoundedSemaphore(MOST_STREAMS)


def pulse_of(house: House, tenant: TenantId) -> str:
    """Return a word that changes whenever somebody did something worth showing in the tenant."""
    with house.archive.of(tenant) as records:
        return str(records.journal.newest())


def kiosk_pulse_of(house: House, tenant: TenantId) -> str:
    """Return a word that changes whenever a kiosk of the tenant is another than before, or somebody did something."""
    now = house.now()
    with house.archive.of(tenant) as records:
        newest, known = records.journal.newest(), records.devices.all()
    standings = repr([standing(device, now, house.offline_after) for device in known])
    return f"{newest}-{hashlib.sha256(standings.encode()).hexdigest()[:16]}"


PULSES: Final[Mapping[str, Pulse]] = {"": pulse_of, "kiosks": kiosk_pulse_of}
"""By what a page says it is about (``data-about``)."""


def stream(ask: Ask) -> Response:
    """Answer with the stream."""
    tenant, cookie = ask.who.tenant, ask.cookies.get(cookies.SESSION, "")
    pulse = PULSES.get(ask.query.get("about", ""), pulse_of)
    events = beats(ask.house, tenant, cookie, anyio.sleep, pulse)
    return StreamingResponse(_held(events), media_type="text/event-stream")


async def _held(events: AsyncIterator[str]) -> AsyncIterator[str]:
    """Pass events on while there is a place; who finds none is told to come back by other means."""
    if not _places.acquire(blocking=False):
        yield "event: full\ndata: -\n\n"
        return
    try:
        async for event in events:
            yield event
    finally:
        _places.release()


async def beats(
    house: House, tenant: TenantId, cookie: str, pause: Pause, pulse: Pulse = pulse_of
) -> AsyncIterator[str]:
    """Yield an event with the pulse at first and whenever it changes, until the session ends."""
    last = _AWAY
    yield "retry: 5000\n\n"
    for _ in range(LOOKS):
        found = await anyio.to_thread.run_sync(_look, house, tenant, cookie, pulse)
        if found is None:
            yield "event: over\ndata: -\n\n"
            return
        if found != last:
            last = found
            yield f"event: pulse\ndata: {found}\n\n"
        await pause(LOOK_EVERY_S)


def _look(house: House, tenant: TenantId, cookie: str, pulse: Pulse) -> str | None:
    try:
        is_over = read_session(house, cookie, is_used=False) is None
        return None if is_over else pulse(house, tenant)
    except StoreError:
        return _AWAY
