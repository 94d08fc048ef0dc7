"""One run of pairing: what each side says, and the keys that both hold if they know the same digits.

CPace (:mod:`kiosk_protocol.cpace`) with the kiosk as initiator A and the server as responder B. The pairing address is
the channel, so a run made for one site is worth nothing at another; kiosk key and name stand with A's share, run and
hash of the root with B's. Whoever changes any of them on the way leaves the two sides with keys that do not match, and
then no tag does. What the server gives in the end is encrypted under such a key: TLS has nothing to protect here, so
proxies that end it and certificates nobody knows do no harm.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk_protocol.cpace import Half, Secret, check_share, confirmation_tag, lv_cat, make_share, session_key
from kiosk_protocol.dsse import read_unverified_payload
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import EncodingError, PairingError
from kiosk_protocol.messages import Envelope, PairingResult, decode, encode
from kiosk_protocol.trust import ROOT_TYPE

SUITE: Final = "cpace-x25519-sha512"
RESULT_INFO: Final = b"atrium/pair/cpace/result/v1"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Offer:
    """What the kiosk says, as it stands on the wire. ``address`` is not sent: both sides must know it."""

    address: str
    sid: str
    kiosk_key: str
    name: str
    share: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server says. ``root_hash`` is that of the root it will hand over (:func:`root_hash`)."""

    run_id: str
    root_hash: str
    share: str


@dataclass(frozen=True, slots=True, repr=False)
class RunKeys:
    """What both sides hold at the end of a run, 32 bytes each. Secret, the tags until they are sent."""

    kiosk_tag: bytes
    server_tag: bytes
    result_key: bytes

    def __bytes__(self) -> bytes:
        return self.kiosk_tag + self.server_tag + self.result_key

    @classmethod
    def from_bytes(cls, data: bytes) -> "RunKeys":
        """Return the keys that ``bytes`` made ``data`` of."""
        return cls(data[:_KEY_BYTES], data[_KEY_BYTES : 2 * _KEY_BYTES], data[2 * _KEY_BYTES :])

    def accepts_kiosk(self, tag: str) -> bool:
        """Whether ``tag`` (base64url) is the kiosk's, compared in constant time."""
        return _is_tag(self.kiosk_tag, tag)

    def accepts_server(self, tag: str) -> bool:
        """Whether ``tag`` (base64url) is the server's, compared in constant time."""
        return _is_tag(self.server_tag, tag)


def make_offer(code: str, secret: Secret, *, address: str, sid: str, kiosk_key: str, name: str) -> Offer:
    """Return the kiosk's first message. ``secret`` and ``sid`` (base64url of 16 bytes) are new for each run."""
    share = make_share(secret, code.encode(), address.encode(), base64url_decode(sid))
    return Offer(address, sid, kiosk_key, name, base64url_encode(share))


def check_offer(offer: Offer) -> None:
    """Raise for an offer that no run can be made of, before any secret is touched or a try is spent on it.

    Raises:
        EncodingError: ``not_base64url`` for session or share.
        PairingError: ``share`` for a point of small order or a wrong size.
    """
    base64url_decode(offer.sid)
    check_share(base64url_decode(offer.share))


def make_reply(code: str, secret: Secret, offer: Offer, *, run_id: str, root_hash: str) -> Reply:
    """Return the server's answer to ``offer``. It says nothing about ``code``.

    Raises:
        EncodingError: ``not_base64url`` for an unusable ``sid``.
    """
    share = make_share(secret, code.encode(), offer.address.encode(), base64url_decode(offer.sid))
    return Reply(run_id, root_hash, base64url_encode(share))


def kiosk_keys(secret: Secret, offer: Offer, reply: Reply) -> RunKeys:
    """Return the kiosk's view of the keys.

    Raises:
        EncodingError: ``not_base64url``.
        PairingError: ``share`` for a share under which every code would give the same keys.
    """
    return _keys(secret, reply.share, offer, reply)


def server_keys(secret: Secret, offer: Offer, reply: Reply) -> RunKeys:
    """Return the server's view of the keys. Raises as :func:`kiosk_keys`."""
    return _keys(secret, offer.share, offer, reply)


def seal_result(keys: RunKeys, result: PairingResult, random: Callable[[int], bytes]) -> str:
    """Return ``result`` encrypted for the other side of the run, base64url of nonce ‖ ciphertext ‖ tag."""
    nonce = random(_NONCE_BYTES)
    return base64url_encode(nonce + AESGCM(keys.result_key).encrypt(nonce, encode(result), None))


def open_result(keys: RunKeys, text: str) -> PairingResult:
    """Return the result in ``text``.

    Raises:
        PairingError: ``result`` where it is not encrypted under this run's key.
        EncodingError: it is, and holds something else than a result.
    """
    try:
        data = base64url_decode(text)
        plain = AESGCM(keys.result_key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], None)
    except (EncodingError, InvalidTag, ValueError):
        raise PairingError("result") from None
    return decode(plain, PairingResult)


def root_hash(root: Envelope) -> str:
    """Return base64url of SHA-256 of a root document's signed bytes. Raises EnvelopeError for anything else."""
    return base64url_encode(hashlib.sha256(read_unverified_payload(root, ROOT_TYPE)).digest())


def _is_tag(expected: bytes, tag: str) -> bool:
    return hmac.compare_digest(base64url_encode(expected).encode(), tag.encode())


def _keys(secret: Secret, theirs: str, offer: Offer, reply: Reply) -> RunKeys:
    sid = base64url_decode(offer.sid)
    kiosk = Half(base64url_decode(offer.share), lv_cat(offer.kiosk_key.encode(), offer.name.encode()))
    # The first part of each side's data has another length than the other's (43 and 22 characters), so neither side's
    # tag can be sent back to it as the other's.
    server = Half(base64url_decode(reply.share), lv_cat(reply.run_id.encode(), reply.root_hash.encode()))
    key = session_key(secret, base64url_decode(theirs), sid, kiosk, server)
    return RunKeys(
        kiosk_tag=confirmation_tag(key, sid, kiosk),
        server_tag=confirmation_tag(key, sid, server),
        result_key=HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=RESULT_INFO).derive(key),
    )
