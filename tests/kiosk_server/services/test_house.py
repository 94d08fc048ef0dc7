"""Identifiers a house gives out."""

from dataclasses import replace
from itertools import chain, repeat

from tests.kiosk_server.support import World


def test_identifiers_never_begin_with_a_hyphen(world: World) -> None:
    """A command line would take them for options."""
    draws = chain([b"\xf8" * 16, b"\xfb" * 16], repeat(b"\x00" * 16))
    house = replace(world.house, random=lambda size: next(draws)[:size])
    assert house.long_id() == "A" * 22
    draws = chain([b"\xf8" * 8], repeat(b"\x00" * 8))
    assert house.short_id() == "A" * 11
