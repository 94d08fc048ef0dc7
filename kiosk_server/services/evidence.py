"""What a sealed item proves: opened, signed by its device, and for a code of ours. Processor work, no records.

It is done before the transaction, so that nobody waits for a lock while signatures are checked. libsodium works without
the interpreter's lock, so two threads share a delivery on two processors.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from nacl.public import PrivateKey

from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.encoding import base64url_decode
from kiosk_protocol.errors import EncodingError, ProtocolError
from kiosk_protocol.identifiers import CheckInId, key_id_of
from kiosk_protocol.keys import PublicKey
from kiosk_protocol.messages import MAX_SEALED_BYTES, OutboxEntry
from kiosk_protocol.records import CheckInRecord, read_record_of
from kiosk_protocol.sealing import item_hash, open_item
from kiosk_protocol.tokens import TokenRefusal, verify_visit_token
from kiosk_server.domain.chains import Link
from kiosk_server.domain.check_ins import Sender, judge_record, judge_times
from kiosk_server.services.devices import KioskPrincipal
from kiosk_server.services.house import House
from kiosk_server.services.keys import public_keys, seal_private_key
from kiosk_server.services.ports import Records

UNKNOWN_SEAL_KEY: Final = "unknown_seal_key"
NOT_OPENED: Final = "not_opened"
NOT_SIGNED: Final = "not_signed"
TOKEN_REFUSED: Final = "token_refused"  # noqa: S105 - an answer's code

_WORTH_A_THREAD: Final = 8
"""Items; a thread costs what one of them does."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An item whose bytes arrived undamaged."""

    id: CheckInId
    seal_kid: str
    sealed: bytes
    link: Link


@dataclass(frozen=True, slots=True)
class Evidence:
    """An item that was opened and judged good: what it states, and the claims of the code that was shown."""

    record: CheckInRecord
    claims: VisitClaims


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys that a device's items are judged by. ``device`` is None where it is no fit key."""

    device: PublicKey | None
    visit: Mapping[str, PublicKey]
    seal: Mapping[str, PrivateKey | None]


def read_entry(entry: OutboxEntry) -> Delivery | None:
    """Return the item, or None where hash and bytes disagree or cannot be read."""
    try:
        sealed, stated, chain = (base64url_decode(text) for text in (entry.sealed, entry.hash, entry.chain))
    except EncodingError:
        return None
    if len(sealed) > MAX_SEALED_BYTES or item_hash(sealed) != stated:
        return None
    return Delivery(CheckInId(entry.check_in_id), entry.seal_kid, sealed, Link(entry.sequence, stated, chain))


def load_keys(house: House, records: Records, kiosk: KioskPrincipal, deliveries: Sequence[Delivery]) -> KeyRing:
    """Return the keys for ``deliveries``, each opened and judged once."""
    raw = kiosk.device.public_key
    try:
        device = PublicKey(key_id_of(raw), raw)
    except ProtocolError:
        device = None
    seal = {kid: seal_private_key(house, records, kid) for kid in sorted({item.seal_kid for item in deliveries})}
    return KeyRing(device, public_keys(records, "visit"), seal)


def weigh_all(kiosk: KioskPrincipal, deliveries: Sequence[Delivery], keys: KeyRing) -> Sequence[Evidence | str]:
    """Return what each item proves, or the code of its rejection, in the same order."""
    if len(deliveries) < _WORTH_A_THREAD:
        return [weigh(kiosk, item, keys) for item in deliveries]
    half = len(deliveries) // 2
    with ThreadPoolExecutor(1, "evidence") as helper:
        rest = helper.submit(lambda: [weigh(kiosk, item, keys) for item in deliveries[half:]])
        return [weigh(kiosk, item, keys) for item in deliveries[:half]] + rest.result()


def weigh(kiosk: KioskPrincipal, item: Delivery, keys: KeyRing) -> Evidence | str:
    """Return what an item proves, or the code of its rejection."""
    seal_key = keys.seal[item.seal_kid]
    if seal_key is None:
        return UNKNOWN_SEAL_KEY
    try:
        envelope = open_item(item.sealed, seal_key)
    except ProtocolError:
        return NOT_OPENED
    if keys.device is None:
        return NOT_SIGNED
    try:
        record = read_record_of(envelope, keys.device)
    except ProtocolError:
        return NOT_SIGNED
    code = judge_record(record, Sender(kiosk.tenant, kiosk.device.site, kiosk.device.id, item.id))
    if code is not None:
        return code
    token = verify_visit_token(record.token, keys.visit, kiosk.device.site)
    if isinstance(token, TokenRefusal):
        return TOKEN_REFUSED
    return judge_times(record, token.claims) or Evidence(record, token.claims)
