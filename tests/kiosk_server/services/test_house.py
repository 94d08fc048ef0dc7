"""Identifiers a house gives out."""

from dataclasses import replace
from itertools import chain, count, repeat

from nacl.signing import SigningKey

from kiosk_protocol.identifiers import key_id_of
from kiosk_server.services.keys import make_key
from tests.kiosk_server.support import World


def test_identifiers_never_begin_with_a_hyphen(world: World) -> None:
    """A command line would take them for options."""
    draws = chain([b"\xf8" * 16, b"\xfb" * 16], repeat(b"\x00" * 16))
    house = replace(world.house, random=lambda size: next(draws)[:size])
    assert house.long_id() == "A" * 22
    draws = chain([b"\xf8" * 8], repeat(b"\x00" * 8))
    assert house.short_id() == "A" * 11


def test_keys_are_never_named_with_a_hyphen_first(world: World) -> None:
    """For the same reason: `key revoke` takes the name as it is."""
    seeds = (number.to_bytes(32) for number in count())
    unfit = next(seed for seed in seeds if key_id_of(bytes(SigningKey(seed).verify_key)).startswith("-"))
    draws = chain([unfit], repeat(b"\x07" * 32))
    house = replace(world.house, random=lambda _size: next(draws))
    with world.house.archive.of(world.tenant.id) as records:
        key = make_key(house, records, "visit", world.clock.now, world.clock.now)
    assert key.kid == key_id_of(bytes(SigningKey(b"\x07" * 32).verify_key))
