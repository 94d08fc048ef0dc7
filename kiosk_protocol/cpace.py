"""CPace: a strong key from a weak code, suite CPACE-X25519-SHA512 of draft-irtf-cfrg-cpace-21.

Section numbers are that draft's. Two sides that know the same six digits get the same key; whoever listens learns
nothing to try digits on afterwards, and whoever takes part may try one guess for each run.

**Unaudited.** No cryptographer outside this project has reviewed this module, and the draft is no RFC yet. It is held
to the draft's own test vectors (appendices A.1, A.3 and B.1, low-order points included). What is ours is short: two
strings, one map to the curve, two hashes. Scalar multiplication is libsodium's, in constant time.

**Timing.** The map to the curve (:func:`elligator2`) works on numbers that follow from the code, in Python's integers,
whose time depends a little on their values. It has no branches, no table and no inversion by Euclid's algorithm;
exponents are public and fixed. What is left, carries within 255-bit products, spread by 0.7 µs in 190 µs between inputs
(the best of 150 runs of each of 60). There is little to measure it on: one evaluation for each run, at most five runs
against one code (:data:`kiosk_protocol.pairing.TRIES`), behind a database commit and a network. Do not use this map
where somebody may ask as often as they like, or works on the same processor.

Not here: what a share, an identity or a tag means in pairing (:mod:`kiosk_protocol.pairing_run`).
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from nacl.bindings import crypto_scalarmult
from nacl.exceptions import RuntimeError as SodiumRefusal

from kiosk_protocol.errors import PairingError

ELEMENT_BYTES: Final = 32
"""Size of a scalar, a share and a generator."""

_DSI: Final = b"CPace255"
_HASH_BLOCK_BYTES: Final = 128
_P: Final = 2**255 - 19
_A: Final = 486662
_HALF_A: Final = _A // 2


@dataclass(frozen=True, slots=True)
class Half:
    """What one side says: its share (32 bytes) and the associated data that goes with it."""

    share: bytes
    associated_data: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """What a side keeps: the scalar behind its share, and nothing to show in a log. Each run draws its own."""

    scalar: bytes

    def __post_init__(self) -> None:
        if len(self.scalar) != ELEMENT_BYTES:
            raise ValueError("a scalar has 32 bytes")


def make_share(secret: Secret, code: bytes, channel: bytes, sid: bytes) -> bytes:
    """Return this side's share (§7.2): the generator that ``code``, ``channel`` and ``sid`` name, times the scalar."""
    generator = elligator2(hashlib.sha512(generator_string(code, channel, sid)).digest()[:ELEMENT_BYTES])
    return _multiply(secret.scalar, generator)


def check_share(theirs: bytes) -> None:
    """Raise as :func:`session_key` does, without a secret: whether a product is zero depends on the point alone."""
    _multiply(bytes(ELEMENT_BYTES), theirs)


def session_key(secret: Secret, theirs: bytes, sid: bytes, initiator: Half, responder: Half) -> bytes:
    """Return the intermediate session key ISK, 64 bytes (§7.2, initiator-responder setting).

    Never use it as it is: derive keys from it, one for each purpose (§10.3).

    Raises:
        PairingError: ``share`` where ``theirs`` has another size or is a point of small order. Then every code would
            give the same key, so the run must end (§7.2: MUST abort).
    """
    point = _multiply(secret.scalar, theirs)
    return hashlib.sha512(lv_cat(_DSI + b"_ISK", sid, point) + transcript(initiator, responder)).digest()


def confirmation_tag(key: bytes, sid: bytes, said: Half) -> bytes:
    """Return the tag, 32 bytes, by which a side proves after it said ``said`` that it holds ISK ``key`` (§10.4)."""
    mac_key = hashlib.sha512(b"CPaceMac" + sid + key).digest()
    return hmac.digest(mac_key, lv_cat(said.share, said.associated_data), hashlib.sha256)


def generator_string(code: bytes, channel: bytes, sid: bytes) -> bytes:
    """Return what is hashed to the generator (§8.1), padded so that the first block holds the code and nothing else."""
    filled = 1 + len(lv_cat(_DSI)) + len(lv_cat(code))
    padding = bytes(max(0, _HASH_BLOCK_BYTES - filled))
    return lv_cat(_DSI, code, padding, channel, sid)


def transcript(initiator: Half, responder: Half) -> bytes:
    """Return what was said, initiator first (§6.3, ``transcript_ir``)."""
    return lv_cat(initiator.share, initiator.associated_data, responder.share, responder.associated_data)


def lv_cat(*parts: bytes) -> bytes:
    """Return ``parts`` one after the other, each behind its length in LEB128, so that no border can move (§6.3)."""
    return b"".join(_leb128(len(part)) + part for part in parts)


def elligator2(encoded: bytes) -> bytes:
    """Return the u-coordinate to which Elligator 2 maps 32 bytes (§8.2; appendix A.5; RFC 9380 §6.7.1 with Z = 2).

    ``encoded`` is secret-derived; see the module's words on timing. Defined for every input: -1/2 is no square modulo
    2^255 - 19, so that ``1 + 2 r²`` is never zero.
    """
    r = int.from_bytes(encoded, "little") & (2**255 - 1)  # RFC 7748 §5: the unused bit is ignored
    # Inversion by Fermat: Python's pow(x, -1, p) is Euclid's algorithm, whose steps depend on x.
    v = -_A * pow(1 + 2 * r * r, _P - 2, _P) % _P
    epsilon = pow(v * (v * v + _A * v + 1) % _P, (_P - 1) // 2, _P)  # 1 or p - 1
    # Euler's criterion chooses between v and -v - A by arithmetic, where a branch would tell which it was. 2 has the
    # inverse (p + 1) / 2, and A is even.
    u = (epsilon * v - (1 - epsilon) * _HALF_A) % _P
    return u.to_bytes(ELEMENT_BYTES, "little")


def _multiply(scalar: bytes, point: bytes) -> bytes:
    # PyNaCl hands both to C without a look at their sizes; libsodium refuses a product of zero (§8.2: G.I).
    if len(point) != ELEMENT_BYTES:
        raise PairingError("share")
    try:
        return crypto_scalarmult(scalar, point)
    except SodiumRefusal:
        raise PairingError("share") from None


def _leb128(number: int) -> bytes:
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
