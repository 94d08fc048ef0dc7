"""Leaving a site on the real store: refused while something is unsent, unless it is kept; nothing is ever lost."""

import sqlite3
from pathlib import Path

import pytest

from kiosk_app.core.errors import StoreError
from kiosk_app.core.staff_desk import StillWaiting, Unpaired
from kiosk_app.core.verdict import Admit, Refuse
from kiosk_app.services.unpairing import UnpairTools, unpair
from kiosk_app.store.key_store import KeyStore
from kiosk_app.store.machine_key import MachineKeys
from kiosk_protocol.reasons import Reason
from tests.kiosk_app.kiosk import Kiosk
from tests.kiosk_app.simulated_server import SimulatedServer
from tests.kiosk_app.tenant import T0_S, ShownVisit, Tenant


def tools(kiosk: Kiosk) -> UnpairTools:
    return UnpairTools(kiosk.store, kiosk.vault, kiosk.keeper, str(kiosk.folder / "data"))


@pytest.fixture
def visit(house: Tenant) -> ShownVisit:
    """A visit of now."""
    return house.visit(house.claims(T0_S - 600, T0_S + 7200))


@pytest.fixture
def waiting(kiosk: Kiosk, visit: ShownVisit, server: SimulatedServer) -> Kiosk:
    """A kiosk with one check-in that did not reach the server."""
    server.feed = [visit.entry]
    kiosk.synced()
    server.down = True
    assert isinstance(kiosk.desk.judge(visit.token), Admit)
    return kiosk


def test_nothing_to_send_nothing_kept(kiosk: Kiosk) -> None:
    """Unpaired at once; the kiosk is as after its first start, with a chain of its own."""
    chain = kiosk.store.chain_id()
    assert unpair(tools(kiosk), keep_aside=False) == Unpaired()
    assert kiosk.store.load_identity() is None
    assert kiosk.store.chain_id() != chain
    assert not (kiosk.folder / "data" / "kept").exists()


def test_unsent_check_ins_hold_the_pairing(waiting: Kiosk) -> None:
    """Refused with their number, and nothing changes."""
    assert unpair(tools(waiting), keep_aside=False) == StillWaiting(1)
    assert waiting.store.load_identity() is not None
    assert waiting.store.queue_state().waiting == 1


def test_kept_check_ins_are_whole_and_closed_to_others(waiting: Kiosk) -> None:
    """The copy holds the very bytes that waited and whose they are, no token; the key is kept with the keys."""
    (before,) = waiting.store.waiting_items(10)
    identity = waiting.store.load_identity()
    assert identity is not None
    outcome = unpair(tools(waiting), keep_aside=True)
    assert isinstance(outcome, Unpaired)
    copy = Path(outcome.where) / "outbox.db"
    assert (copy.stat().st_mode & 0o077, copy.parent.stat().st_mode & 0o077) == (0, 0)
    kept = sqlite3.connect(copy)
    found = kept.execute("SELECT check_in_id, sequence, seal_kid, state FROM outbox").fetchall()
    assert found == [(before.check_in_id, before.sequence, before.seal_kid, "waiting")]
    assert kept.execute("SELECT device FROM identity").fetchone() == (identity.device,)
    assert identity.device_token.encode() not in copy.read_bytes()
    kept.close()
    (key,) = (waiting.folder / "keys" / "kept").glob("*/device.key")
    assert KeyStore(key.parent, MachineKeys(waiting.folder / "keys")).load() == waiting.vault.load()
    assert waiting.store.queue_state().waiting == 0


def test_used_code_stays_used_after_pairing_anew(waiting: Kiosk, visit: ShownVisit, server: SimulatedServer) -> None:
    """Unpairing is no way to be admitted twice."""
    unpair(tools(waiting), keep_aside=True)
    server.down = False
    waiting.pair().synced()
    verdict = waiting.desk.judge(visit.token)
    assert isinstance(verdict, Refuse)
    assert verdict.reason is Reason.ALREADY_USED


def test_unreadable_key_does_not_hold_the_records(waiting: Kiosk) -> None:
    """They are signed and sealed already, so they are kept all the same."""
    (waiting.folder / "keys" / "device.key").write_text("?")
    outcome = unpair(tools(waiting), keep_aside=True)
    assert isinstance(outcome, Unpaired)
    assert (Path(outcome.where) / "outbox.db").exists()


def test_copy_that_cannot_be_written_changes_nothing(waiting: Kiosk) -> None:
    """No room for the copy: the pairing and the queue are as they were."""
    (waiting.folder / "data" / "kept").write_text("a file in the way")
    with pytest.raises(StoreError):
        unpair(tools(waiting), keep_aside=True)
    assert waiting.store.load_identity() is not None
    assert waiting.store.queue_state().waiting == 1


def test_check_in_after_the_copy_holds_the_pairing(waiting: Kiosk) -> None:
    """What came in between is not in the copy, so nothing is forgotten."""
    assert not waiting.store.forget_pairing(0, waiting.keeper.now().now_ms)
    assert waiting.store.load_identity() is not None
    assert waiting.store.queue_state().waiting == 1
