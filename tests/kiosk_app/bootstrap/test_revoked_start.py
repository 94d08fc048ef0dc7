"""What a kiosk that was revoked says when it starts, from its own store."""

from pathlib import Path

from kiosk_app.bootstrap.adapters import StoreDesk
from kiosk_app.bootstrap.household import Household
from kiosk_app.core.journey import PairingTrouble, PairingTroubleKind
from kiosk_app.core.server_answers import Refused
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.staff_desk import Unpaired
from kiosk_app.paths import Paths
from kiosk_app.services.unpairing import UnpairTools, unpair
from tests.kiosk_app.kiosk import Kiosk
from tests.kiosk_app.services.test_sync_cycle import admit
from tests.kiosk_app.tenant import Tenant, long_id


def revoke(kiosk: Kiosk) -> None:
    identity = kiosk.store.load_identity()
    assert identity is not None
    envelope = kiosk.server.house.revocation(identity.device, identity.device_key)
    kiosk.server.faults["time"] = [Refused(401, "device_revoked", None, envelope)]
    assert kiosk.sync.run(kiosk.server).revoked


def started(folder: Path) -> PairingTrouble | None:
    """Return what a desk that is opened now says of the pairing it has not."""
    desk = StoreDesk(Household(Paths(folder / "data", folder / "keys"), 0))
    try:
        return desk.lost()
    finally:
        desk.close()


def revoked(sealed: int) -> PairingTrouble:
    return PairingTrouble(PairingTroubleKind.REVOKED, None, StaffCode.KIOSK_REVOKED, sealed)


def test_a_revoked_kiosk_knows_it_and_what_it_still_holds(kiosk: Kiosk, house: Tenant) -> None:
    """In a process that knows nothing but the store."""
    assert started(kiosk.folder) is None
    admit(kiosk, house, 2)
    revoke(kiosk)
    assert started(kiosk.folder) == revoked(2)


def test_a_new_pairing_ends_it_also_once_that_is_ended_by_staff(kiosk: Kiosk) -> None:
    """Staff know why they unpaired it; a later revocation counts again."""
    revoke(kiosk)
    assert started(kiosk.folder) == revoked(0)
    kiosk.server.device = long_id()
    kiosk.pair()
    assert started(kiosk.folder) is None
    tools = UnpairTools(kiosk.store, kiosk.vault, kiosk.keeper, str(kiosk.folder / "data"))
    assert unpair(tools, keep_aside=False) == Unpaired()
    assert started(kiosk.folder) is None
    kiosk.server.device = long_id()
    kiosk.pair()
    revoke(kiosk)
    assert started(kiosk.folder) == revoked(0)


def test_a_kiosk_that_never_was_paired_was_never_revoked(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert started(tmp_path) is None
