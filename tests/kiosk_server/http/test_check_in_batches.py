"""A batch is one transaction while all goes well, and what disturbs one of its items touches no other (ADR 0021)."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Barrier

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.messages import Batch, OutboxEntry
from kiosk_server.postgres import ConnectionAddress
from kiosk_server.services import visits
from kiosk_server.services.house import OPERATOR
from kiosk_server.store.provision import provision, read_url
from kiosk_server.store.vault import AesVault
from tests.kiosk_server.conftest import ScratchPostgres
from tests.kiosk_server.support import HandKiosk, World, new_world

BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
WAIT_S = 60.0


@pytest.fixture
def place(postgres: ScratchPostgres) -> Iterator[tuple[World, ConnectionAddress]]:
    """A tenant in a database of its own, whose rules a test may bend."""
    address = postgres.new_database()
    archive = provision(read_url(address.url()), AesVault(b"m" * 32))
    yield new_world(archive, 1), address
    archive.close()
    postgres.drop_database(address.database)


@contextmanager
def superuser(address: ConnectionAddress) -> Iterator[psycopg.Connection]:
    with closing(psycopg.connect(address.url(), autocommit=True)) as connection:
        yield connection


def stored(connection: psycopg.Connection) -> dict[str, str]:
    """Return the transaction that wrote each check-in, by identifier."""
    return dict(connection.execute("SELECT id, xmin::text FROM check_ins").fetchall())


def send_at_all(kiosk: HandKiosk, *entries: OutboxEntry) -> int:
    return kiosk.ask("POST", "/kiosk/check-ins", Batch(chain_id=kiosk.chain_id, entries=entries)).status_code


def test_a_batch_is_one_transaction(place: tuple[World, ConnectionAddress]) -> None:
    """Fifty items wait for the disk once."""
    world, address = place
    kiosk = world.kiosk()
    items = [kiosk.item(world.visit().token) for _ in range(20)]
    assert [result.outcome for result in kiosk.send(*items).results] == ["accepted"] * 20
    with superuser(address) as connection:
        found = stored(connection)
    assert found.keys() == {item.check_in_id for item in items}
    assert len(set(found.values())) == 1


def test_an_item_that_the_database_refuses_keeps_no_other_from_being_taken(
    place: tuple[World, ConnectionAddress],
) -> None:
    """The request fails; the others are stored, and get their first answers again without the one."""
    world, address = place
    kiosk = world.kiosk()
    before = kiosk.item(world.visit().token)
    poison = kiosk.item(world.visit().token, app_version="poison")
    after = kiosk.item(world.visit().token)
    with superuser(address) as connection:
        connection.execute("ALTER TABLE check_ins ADD CONSTRAINT bent CHECK (app_version <> 'poison')")
        assert send_at_all(kiosk, before, poison, after) == 500
        found = stored(connection)
        assert found.keys() == {before.check_in_id, after.check_in_id}
        assert len(set(found.values())) == 2
        again = kiosk.send(before, after)
        assert [(result.outcome, result.replayed) for result in again.results] == [("accepted", True)] * 2
        assert again.acknowledged_sequence == 1
        connection.execute("ALTER TABLE check_ins DROP CONSTRAINT bent")
    assert [(result.outcome, result.replayed) for result in kiosk.send(poison).results] == [("accepted", False)]
    assert kiosk.send(after).acknowledged_sequence == 3


def test_a_failure_after_the_items_were_stored_leaves_nothing_of_the_transaction(
    place: tuple[World, ConnectionAddress],
) -> None:
    """Check-in, visit, feed, event, audit and chain count together or not at all."""
    world, address = place
    kiosk, issued = world.kiosk(), world.visit()
    item = kiosk.item(issued.token)
    counts = (
        "SELECT (SELECT count(*) FROM check_ins), (SELECT count(*) FROM chain_items), (SELECT count(*) FROM events)"
    )
    with superuser(address) as connection:
        untouched = connection.execute(counts).fetchone()
        connection.execute("ALTER TABLE feed_entries ADD CONSTRAINT bent CHECK (state <> 'checked_in')")
        assert send_at_all(kiosk, item) == 500
        assert connection.execute(counts).fetchone() == untouched
        connection.execute("ALTER TABLE feed_entries DROP CONSTRAINT bent")
    assert visits.visit_story(world.house, world.tenant.id, issued.visit.id).visit.state.value == "pre_registered"
    assert kiosk.send(item).results[0].outcome == "accepted"


def test_an_identifier_taken_while_we_judge_falls_to_whoever_was_first(place: tuple[World, ConnectionAddress]) -> None:
    """The whole batch is judged again, item by item: the overtaken one is told so, the others are taken."""
    world, address = place
    kiosk, other = world.kiosk("A"), world.kiosk("B")
    first, contested, last = (kiosk.item(world.visit().token) for _ in range(3))
    theirs = other.item(world.visit().token)
    other.send(theirs)
    with (
        superuser(address) as watch,
        closing(psycopg.connect(address.url())) as rival,
        ThreadPoolExecutor(1) as thread,
    ):
        # As if the other device had used the same identifier, and its commit were still under way.
        rival.execute("UPDATE visits SET arrival_check_in = NULL WHERE arrival_check_in = %s", (theirs.check_in_id,))
        rival.execute("UPDATE check_ins SET id = %s WHERE id = %s", (contested.check_in_id, theirs.check_in_id))
        answer = thread.submit(kiosk.send, first, contested, last)
        deadline = time.monotonic() + WAIT_S
        while watch.execute(BLOCKED, (address.database,)).fetchone() == (0,) and not answer.done():
            assert time.monotonic() < deadline, "the batch never waited for its rival"
        rival.commit()
        results = answer.result(WAIT_S).results
    assert [(result.outcome, result.code) for result in results] == [
        ("accepted", None),
        ("rejected", "different_content"),
        ("accepted", None),
    ]


def test_the_same_batch_on_two_connections_at_once_is_taken_once(world: World) -> None:
    """A retry that meets its first attempt: both get every answer, one of them as a repetition."""
    kiosk = world.kiosk()
    with ThreadPoolExecutor(2) as threads:
        for _ in range(8):
            items = [kiosk.item(world.visit().token) for _ in range(5)]
            barrier = Barrier(2)

            def deliver(
                order: list[OutboxEntry], barrier: Barrier = barrier
            ) -> tuple[list[str], dict[str, tuple[str, bool]]]:
                barrier.wait(WAIT_S)
                results = kiosk.send(*order).results
                names = [result.check_in_id for result in results]
                return names, {result.check_in_id: (result.outcome, result.replayed) for result in results}

            (left_names, left), (right_names, right) = threads.map(deliver, (items, items[::-1]))
            assert left_names == [item.check_in_id for item in items] == right_names[::-1]
            for item in items:
                answers = sorted([left[item.check_in_id], right[item.check_in_id]])
                assert answers == [("accepted", False), ("accepted", True)]


def test_identifiers_that_two_kiosks_use_at_once_are_stored_once(world: World) -> None:
    """Two devices, one set of names in opposite orders, other bytes: nobody waits for ever, each name has one owner."""
    left, right = world.kiosk("A"), world.kiosk("B")
    with ThreadPoolExecutor(2) as threads:
        for _ in range(8):
            ours = [left.item(world.visit().token) for _ in range(4)]
            theirs = [right.item(world.visit().token, check_in_id=item.check_in_id) for item in ours]
            barrier = Barrier(2)

            def deliver(
                job: tuple[HandKiosk, list[OutboxEntry]], barrier: Barrier = barrier
            ) -> dict[str, tuple[str, str | None]]:
                kiosk, entries = job
                barrier.wait(WAIT_S)
                return {result.check_in_id: (result.outcome, result.code) for result in kiosk.send(*entries).results}

            won, lost = threads.map(deliver, ((left, ours), (right, theirs[::-1])))
            for item in ours:
                answers = {won[item.check_in_id], lost[item.check_in_id]}
                assert answers == {("accepted", None), ("rejected", "different_content")}


def test_two_items_of_one_visit_in_one_batch_flag_each_other(world: World) -> None:
    """The second meets the first as if it had been stored; both stay, the earlier decision is the arrival."""
    kiosk, issued = world.kiosk(), world.visit()
    late, early = kiosk.item(issued.token, minutes=9), kiosk.item(issued.token, minutes=4)
    results = kiosk.send(late, early, late).results
    assert [(result.outcome, result.code, result.replayed) for result in results] == [
        ("accepted", None, False),
        ("conflict", "admitted_elsewhere", False),
        ("accepted", None, True),
    ]
    told = visits.visit_story(world.house, world.tenant.id, issued.visit.id)
    assert {flag.check_in for flag in told.conflicts} == {late.check_in_id, early.check_in_id}
    assert told.visit.arrival_check_in == early.check_in_id


def test_other_bytes_under_a_name_of_the_same_batch_are_rejected(world: World) -> None:
    """What counts is that the name is taken, not that it is stored already."""
    kiosk = world.kiosk()
    item = kiosk.item(world.visit().token)
    swapped = kiosk.item(world.visit().token, check_in_id=item.check_in_id)
    results = kiosk.send(item, swapped).results
    assert [(result.outcome, result.code) for result in results] == [
        ("accepted", None),
        ("rejected", "different_content"),
    ]


@pytest.fixture
def kiosks(world: World) -> list[HandKiosk]:
    """Two kiosks of one site; a site opens few pairing windows a day."""
    return [world.kiosk("A"), world.kiosk("B")]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_items_mean_the_same_however_they_are_ordered_and_split_into_batches(
    world: World, kiosks: list[HandKiosk], data: st.DataObject
) -> None:
    """One by one in the order of the doors, or shuffled in batches of any size with some sent twice."""
    ends = []
    for shuffled in (False, True):
        for kiosk in kiosks:
            kiosk.begin_chain(base64url_encode(os.urandom(16)))
        issued = [world.visit() for _ in range(3)]
        visits.cancel_visit(world.house, world.tenant.id, issued[2].visit.id, OPERATOR)
        plan = [(0, 0, 5), (1, 0, 3), (0, 1, 1), (1, 2, 4), (0, 2, 4), (1, 1, 130), (0, 0, 3), (1, 0, 7)]
        items = [(owner, kiosks[owner].item(issued[visit].token, minute)) for owner, visit, minute in plan]
        names = {item.check_in_id: number for number, (_, item) in enumerate(items)}
        for owner, batch in _batches(data, items) if shuffled else [(owner, [item]) for owner, item in items]:
            kiosks[owner].send(*batch)
        ends.append([_end(world, entry.visit.id, names) for entry in issued])
        with world.house.archive.of(world.tenant.id) as records:
            found = [records.devices.get(kiosk.device_id) for kiosk in kiosks]
        ends[-1].append([device is not None and (device.gap, device.fork) for device in found])
    assert ends[0] == ends[1]


def _batches(data: st.DataObject, items: list[tuple[int, OutboxEntry]]) -> Iterator[tuple[int, list[OutboxEntry]]]:
    waiting = list(data.draw(st.permutations(items)))
    while waiting:
        kiosk = waiting[0][0]
        size = data.draw(st.integers(1, 4))
        batch = [item for owner, item in waiting if owner == kiosk][:size]
        taken = {item.check_in_id for item in batch}
        waiting = [(owner, item) for owner, item in waiting if item.check_in_id not in taken]
        yield kiosk, batch + batch[: data.draw(st.integers(0, 2))]


def _end(world: World, visit_id: str, names: dict[str, int]) -> object:
    told = visits.visit_story(world.house, world.tenant.id, visit_id)
    flags = {(names[flag.check_in], flag.kind) for flag in told.conflicts}
    arrival = None if told.visit.arrival_check_in is None else told.visit.arrived_at
    return told.visit.state, told.visit.arrived_at, arrival, flags, {names[item.id] for item in told.check_ins}
