"""Live pages by server-sent events: a number whenever something happened; the page then fetches itself anew.

The stream carries no data about anybody. It ends with its session, and by itself after five minutes, after which
browsers come back on their own.
"""

import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import anyio
import anyio.to_thread
from starlette.responses import Response, StreamingResponse

from kiosk_protocol.identifiers import TenantId
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

_places = threading.BoundedSemaphore(MOST_STREAMS)


def pulse_of(house: House, tenant: TenantId) -> int:
    """Return a number that changes whenever something worth showing happened in the tenant."""
    with house.archive.of(tenant) as records:
        return records.journal.newest()


def stream(ask: Ask) -> Response:
    """Answer with the stream."""
    tenant, cookie = ask.who.tenant, ask.cookies.get(cookies.SESSION, "")
    return StreamingResponse(_held(beats(ask.house, tenant, cookie, anyio.sleep)), media_type="text/event-stream")


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


async def beats(house: House, tenant: TenantId, cookie: str, pause: Pause) -> AsyncIterator[str]:
    """Yield an event with the pulse at first and whenever it changes, until the session ends."""
    last = -1
    yield "retry: 5000\n\n"
    for _ in range(LOOKS):
        pulse = await anyio.to_thread.run_sync(_look, house, tenant, cookie)
        if pulse is None:
            yield "event: over\ndata: -\n\n"
            return
        if pulse != last:
            last = pulse
            yield f"event: pulse\ndata: {pulse}\n\n"
        await pause(LOOK_EVERY_S)


def _look(house: House, tenant: TenantId, cookie: str) -> int | None:
    try:
        is_over = read_session(house, cookie, is_used=False) is None
        return None if is_over else pulse_of(house, tenant)
    except StoreError:
        return -1
