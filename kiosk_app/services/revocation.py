"""What a kiosk does when it was revoked: erase what can be read, put aside what waits, sealed.

Only on a document that names this device and key and that a bundle key of this kiosk's own root signed. Any other
refusal, from a proxy, a restored database or a forger, changes nothing.
"""

from kiosk_app.core.checkin import Identity
from kiosk_app.core.ports import KeyVault, SyncStore
from kiosk_app.core.server_answers import Failure, Refused
from kiosk_app.services.keeping import keep_aside
from kiosk_app.services.timekeeping import TimeKeeper
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import ProtocolError
from kiosk_protocol.messages import Envelope
from kiosk_protocol.revocation import read_revocation


class RevocationGuard:
    """Judges refusals, in one thread. ``data_folder`` is absolute."""

    def __init__(self, store: SyncStore, vault: KeyVault, keeper: TimeKeeper, data_folder: str) -> None:
        self._store = store
        self._vault = vault
        self._keeper = keeper
        self._data_folder = data_folder

    def heed(self, failure: Failure, identity: Identity) -> bool:
        """Erase if ``failure`` carries the signed revocation of this kiosk; return whether it did.

        Where somebody was admitted after what waits was put aside, nothing is erased yet: the next refusal says it
        again.

        Raises:
            StoreError: nothing was erased; the next refusal says it again.
            KeysError: the device key could not be kept, so nothing was erased either.
        """
        if not isinstance(failure, Refused) or failure.revocation is None:
            return False
        if not _revokes(failure.revocation, identity):
            return False
        now_ms = self._keeper.now().now_ms
        # First: without items and key nothing could be handed over.
        kept = keep_aside(self._store, self._vault, self._data_folder, now_ms)
        return self._store.erase_pairing(failure.revocation, kept.last_sequence, now_ms)


def _revokes(envelope: Envelope, identity: Identity) -> bool:
    try:
        read_revocation(envelope, identity.trust, identity.device, base64url_encode(identity.device_key))
    except ProtocolError:
        return False
    return True
