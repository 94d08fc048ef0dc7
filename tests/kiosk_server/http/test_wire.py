"""How long a refused caller is listened to before the line is closed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn
from uvicorn.server import ServerState

from kiosk_server.http import wire
from kiosk_server.http.wire import WireProtocol

NEVER_S = 3600.0
HANGING_S = 60.0

Caller = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]


@asynccontextmanager
async def _calling() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to a server of this protocol on a free loopback port."""
    config = uvicorn.Config(lambda *_: None, interface="asgi3", log_config=None)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: WireProtocol(config, state, {}), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    try:
        yield reader, writer
    finally:
        writer.close()
        server.close()
        await server.wait_closed()


def _seconds_until_hung_up(caller: Caller) -> tuple[float, bytes]:
    """Return how long the server listened to ``caller``, and what it answered."""

    async def call() -> tuple[float, bytes]:
        clock = asyncio.get_running_loop().time
        async with _calling() as (reader, writer), asyncio.timeout(HANGING_S):
            began = clock()
            answer = await caller(reader, writer)
            return clock() - began, answer

    return asyncio.run(call())


async def _sends_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(b"this is no request\r\n\r\n")
    return await reader.read(-1)


async def _keeps_sending(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Send for as long as the line is open; a line that breaks under what is sent is closed as well."""

    async def send() -> None:
        while True:
            writer.write(b"this is no request\r\n\r\n")
            await writer.drain()
            # Gives way to the server, which runs in this loop.
            await asyncio.sleep(0)

    sending = asyncio.ensure_future(send())
    try:
        return await reader.readuntil(b"}") + await _rest(reader)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _rest(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(-1)
    except ConnectionError:
        return b""


def test_a_refused_caller_is_hung_up_on_once_it_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has its answer, and the server its line back."""
    monkeypatch.setattr(wire, "QUIET_S", 0.2)
    monkeypatch.setattr(wire, "LINGER_S", NEVER_S)
    took_s, answer = _seconds_until_hung_up(_sends_once)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert took_s >= 0.19


def test_a_refused_caller_who_never_falls_quiet_is_hung_up_on_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody holds a line open by talking on."""
    monkeypatch.setattr(wire, "QUIET_S", NEVER_S)
    monkeypatch.setattr(wire, "LINGER_S", 0.5)
    took_s, answer = _seconds_until_hung_up(_keeps_sending)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b"}")
    assert took_s >= 0.49
