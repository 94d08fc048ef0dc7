"""Private keys in the database: sealed under a key outside it, each to its own tenant, purpose and name."""

import os
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql

from kiosk_server.domain.records import StoredKey
from kiosk_server.postgres import ConnectionAddress
from kiosk_server.services.keys import PURPOSES, check_is_ours, open_signing_key, seal_private_key
from kiosk_server.services.ports import VaultError
from kiosk_server.store.provision import provision, read_url
from kiosk_server.store.vault import AesVault
from tests.kiosk_server.store.test_pairings import UNDO_PAIRING
from tests.kiosk_server.support import World, execute, new_world

VAULT = AesVault(b"m" * 32)


@pytest.fixture
def stored(world: World) -> Iterator[dict[str, StoredKey]]:
    """The tenant's keys by purpose."""
    with world.house.archive.of(world.tenant.id) as records:
        yield {key.purpose: key for key in records.keys.all()}


def opens(world: World, key: StoredKey) -> bool:
    try:
        open_signing_key(world.house, world.tenant.id, key)
    except VaultError:
        return False
    return True


def test_every_key_opens_where_it_belongs(world: World, stored: dict[str, StoredKey]) -> None:
    """One of each purpose, its public half the one it is known by."""
    assert set(stored) == set(PURPOSES)
    for key in stored.values():
        check_is_ours(world.house, world.tenant.id, key)


def test_no_byte_of_a_sealed_key_can_be_changed(world: World, stored: dict[str, StoredKey]) -> None:
    """Nonce, ciphertext and tag: each byte, and each length."""
    key = stored["visit"]
    assert key.sealed_private_key is not None
    for place in range(len(key.sealed_private_key)):
        bent = bytearray(key.sealed_private_key)
        bent[place] ^= 1 << place % 8
        assert not opens(world, replace(key, sealed_private_key=bytes(bent)))
        assert not opens(world, replace(key, sealed_private_key=key.sealed_private_key[:place]))
    assert opens(world, key)


def test_a_sealed_key_opens_under_no_other_name_purpose_or_tenant(
    world: World, other_world: World, stored: dict[str, StoredKey]
) -> None:
    """Copied into another row it is noise, so nobody can make a time key sign visits."""
    visit, time = stored["visit"], stored["time"]
    assert not opens(world, replace(visit, kid=time.kid))
    assert not opens(world, replace(visit, purpose="time"))
    assert not opens(world, replace(visit, sealed_private_key=time.sealed_private_key))
    assert not opens(other_world, visit)
    assert not opens(world, replace(visit, sealed_private_key=None))
    with world.house.archive.of(world.tenant.id) as records:
        assert seal_private_key(world.house, records, visit.kid) is None


def test_the_database_holds_no_private_key_in_clear(database: ConnectionAddress) -> None:
    """Planted seeds are in no row of any table, as bytes or as text."""
    archive = provision(read_url(database.url()), VAULT)
    seeds = []

    def random(size: int) -> bytes:
        seeds.append(os.urandom(size))
        return seeds[-1]

    world = new_world(archive, 1, random)
    world.visit()
    archive.close()
    planted = [seed for seed in seeds if len(seed) == 32][: len(PURPOSES)]
    assert len(planted) == len(PURPOSES)
    dump = _everything(database)
    assert world.tenant.id.encode() in dump
    for seed in planted:
        assert seed not in dump
        assert seed.hex().encode() not in dump


def _everything(database: ConnectionAddress) -> bytes:
    """Return every row of every table, binary values in hexadecimal."""
    with psycopg.connect(database.url()) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        statement = "SELECT coalesce(string_agg(t::text, chr(10)), '') FROM {} AS t"
        rows = [connection.execute(sql.SQL(statement).format(sql.Identifier(name))).fetchone() for (name,) in tables]
    return "\n".join(str(row[0]) for row in rows if row is not None).encode()


def test_keys_of_an_older_schema_go_on_signing(database: ConnectionAddress) -> None:
    """From the schema before the keys had a life of their own: the next version's columns say what was true."""
    url = read_url(database.url())
    archive = provision(url, VAULT)
    world = new_world(archive, 1)
    issued = world.visit()
    archive.close()
    _undo(database)
    archive = provision(url, VAULT)
    with archive.of(world.tenant.id) as records:
        assert all(key.signs_from == key.not_before and key.is_standing for key in records.keys.all())
        assert execute(records, "SELECT relforcerowsecurity FROM pg_class WHERE relname = 'signing_keys'") == [(True,)]
    again = replace(world.house, archive=archive)
    assert replace(world, house=again).visit().visit.rev == issued.visit.rev == 0
    archive.close()


def _undo(database: ConnectionAddress) -> None:
    """Bring the keys' table back to what it was before, and what came after it."""
    with psycopg.connect(database.url(), autocommit=True) as connection:
        for statement in (
            *UNDO_PAIRING,
            "DROP INDEX visit_tokens_of_key",
            "ALTER TABLE signing_keys DROP CONSTRAINT signing_keys_private_half",
            "ALTER TABLE signing_keys DROP COLUMN signs_from, DROP COLUMN retired_at, DROP COLUMN revoked_at",
            "ALTER TABLE signing_keys ALTER COLUMN sealed_private_key SET NOT NULL",
            "UPDATE alembic_version SET version_num = '0003'",
        ):
            connection.execute(statement)
