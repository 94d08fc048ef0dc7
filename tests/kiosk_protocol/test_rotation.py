"""Rotation, theft and recovery as sequences of offers, each with the verdict of The Update Framework's client workflow.

Kiosk and offers are written out: who signs, what is named, when. The codes are ours. Put to python-tuf 7.0.1 (root as
root, bundle as timestamp), 53 of the 56 offers that are its matter are decided alike. The three others: it counts
versions 1, 2, 3 and so refuses a higher one that is not the next; and an equal version with other bytes it calls a
wrong version (root) or passes over in silence (timestamp), where we refuse it by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from msgspec.structs import replace
from nacl.signing import SigningKey

from kiosk_protocol.dsse import sign_envelope
from kiosk_protocol.errors import ProtocolError
from kiosk_protocol.messages import Envelope, decode, encode
from kiosk_protocol.tokens import TokenRefusal, verify_visit_token
from kiosk_protocol.trust import BUNDLE_TYPE, MAX_DOCUMENT_BYTES, ROOT_TYPE, TrustState, pin, restore, update
from tests.kiosk_protocol.hostile_tokens import TOKEN
from tests.kiosk_protocol.samples import NOON, SECOND_VISIT_KEY, SITE, TENANT, VISIT_KEY, kid_of, signing_key
from tests.kiosk_protocol.test_trust import (
    DAY,
    KEYS,
    WRONG_TENANT,
    bundle,
    bundle_key,
    document_key,
    root,
    signed_bundle,
)

A, B, C, STRANGER = (signing_key(f"root {name}") for name in ("a", "b", "c", "of a stranger"))
K, L, M = (signing_key(f"bundle {name}") for name in ("k", "l", "m"))
FAR_AHEAD = 2**53 - 1
YEAR = 365 * DAY


def root_of(
    version: int, key: SigningKey, names: SigningKey, *signers: SigningKey, tenant: str = TENANT, ends: int = YEAR
) -> Envelope:
    """Return a root of ``key`` that names one bundle key, signed by ``signers``, else by its own key."""
    document = root(
        NOON + version, (key,), bundle_keys=(document_key(names),), tenant_id=tenant, expires_at=NOON + ends
    )
    return sign_envelope(ROOT_TYPE, encode(document), [(kid_of(each), each) for each in signers or (key,)])


def bundle_of(version: int, key: SigningKey, ends: int = 60 * DAY, visit_key: SigningKey = VISIT_KEY) -> Envelope:
    """Return a bundle signed by ``key``. Its only visit key tells it from others of the same version."""
    keys = (bundle_key(bytes(visit_key.verify_key), "visit"), *KEYS[1:])
    offered = min(NOON + version, FAR_AHEAD)
    return signed_bundle(bundle(offered, issued_at=NOON, expires_at=NOON + ends, keys=keys), key)


def padded(envelope: Envelope, size: int, signer: SigningKey) -> Envelope:
    """Return the envelope's document, as long as ``size`` by white space and signed anew."""
    payload = encode(bundle(NOON + 5)).ljust(size)
    return sign_envelope(envelope.payload_type, payload, [(kid_of(signer), signer)])


@dataclass(frozen=True)
class Offer:
    """What a server answers, and what the kiosk makes of it: ``taken``, ``same``, or the code of a refusal."""

    verdict: str
    root: Envelope
    bundle: Envelope
    earlier: Sequence[Envelope] = ()
    later: int = 10
    """Seconds after noon."""


R1, B1 = root_of(0, A, K), bundle_of(0, K)
R2, R3 = root_of(1, B, K, A, B), root_of(2, C, K, B, C)
NEW_BUNDLE_KEY = root_of(1, A, L)
STOLEN = bundle_of(FAR_AHEAD, K)

SEQUENCES: dict[str, tuple[Offer, ...]] = {
    # ── roots ────────────────────────────────────────────────────────────────────────────────────────────────────
    "nothing new": (Offer("same", R1, B1), Offer("same", R1, B1, later=100 * DAY)),
    "root key changed, by old and new key": (Offer("taken", R2, B1), Offer("same", R2, B1)),
    "two changes, one after the other": (Offer("taken", R2, B1), Offer("taken", R3, B1)),
    "two changes at once, with the root between": (Offer("taken", R3, B1, [R2]), Offer("same", R3, B1, [R2])),
    "two changes at once, with all roots since the first": (Offer("taken", R3, B1, [R1, R2]),),
    "two changes at once, without the root between": (Offer("envelope_signature", R3, B1),),
    "roots in the wrong order": (Offer("envelope_signature", R2, B1, [R3]),),
    "back to the root before": (Offer("taken", R2, B1), Offer("envelope_signature", R1, B1), Offer("same", R2, B1)),
    "back to the root before, signed by the newer key": (
        Offer("taken", R2, B1),
        Offer("rollback", root_of(0, B, K), B1),
    ),
    "back in the middle of a chain": (Offer("rollback", root_of(2, B, K), B1, [root_of(3, B, K, A, B)]),),
    "root signed by the old key alone": (Offer("envelope_signature", root_of(1, B, K, A), B1),),
    "root signed by the new key alone": (Offer("envelope_signature", root_of(1, B, K, B), B1),),
    "root signed by a stranger and the new key": (Offer("envelope_signature", root_of(1, B, K, STRANGER, B), B1),),
    "root signed by the bundle key": (Offer("envelope_signature", root_of(1, A, K, K), B1),),
    "same version, other bytes": (Offer("equal_version_other_bytes", root_of(0, A, L), B1),),
    "same bytes, signed again": (Offer("same", root_of(0, A, K, STRANGER, A), B1),),
    "a higher version that is not the next, by the key we trust": (
        # TUF would ask for the versions between; ours are times, and each signature by the key we trust counts.
        Offer("taken", root_of(500, A, K), B1),
    ),
    "root of another tenant": (Offer("tenant", root_of(1, A, K, tenant=WRONG_TENANT), B1),),
    "root of another tenant in the middle": (
        Offer("tenant", root_of(2, A, K), B1, [root_of(1, A, K, tenant=WRONG_TENANT)]),
    ),
    "newest root is over": (Offer("expired", root_of(1, B, K, A, B, ends=5), B1),),
    "root between is over, the newest is not": (Offer("taken", R3, B1, [root_of(1, B, K, A, B, ends=5)]),),
    "held root is over, a newer one comes": (
        Offer("taken", root_of(1, A, K, ends=2 * YEAR), bundle_of(1, K, ends=2 * YEAR), later=YEAR + 1),
    ),
    "held root is over, only the bundle is newer": (Offer("expired", R1, bundle_of(1, K, ends=2 * YEAR), later=YEAR),),
    "root too large": (Offer("json_size", padded(R1, MAX_DOCUMENT_BYTES + 1, A), B1),),
    "root with one kid for two keys": (
        Offer(
            "duplicate_kid",
            sign_envelope(ROOT_TYPE, encode(root(NOON + 1, (A, A))), [(kid_of(A), A)]),
            B1,
        ),
    ),
    # ── bundles ──────────────────────────────────────────────────────────────────────────────────────────────────
    "bundle after bundle": (Offer("taken", R1, bundle_of(1, K)), Offer("taken", R1, bundle_of(2, K))),
    "bundle rolled back": (Offer("taken", R1, bundle_of(2, K)), Offer("rollback", R1, bundle_of(1, K))),
    "bundle of the same version, other bytes": (
        Offer("equal_version_other_bytes", R1, bundle_of(0, K, visit_key=SECOND_VISIT_KEY)),
    ),
    "frozen: only a bundle that is over": (Offer("expired", R1, bundle_of(1, K, ends=5)),),
    "mix: new root, bundle of the key it dropped": (Offer("envelope_signature", NEW_BUNDLE_KEY, bundle_of(1, K)),),
    "mix: old root, bundle of the key to come": (Offer("envelope_signature", R1, bundle_of(1, L)),),
    "mix: new root, bundle rolled back": (
        Offer("taken", R1, bundle_of(5, K)),
        Offer("rollback", R2, bundle_of(4, K)),
        Offer("taken", R2, bundle_of(6, K)),
    ),
    "bundle signed by the root key": (Offer("envelope_signature", R1, bundle_of(1, A)),),
    "bundle signed by a visit key": (Offer("envelope_signature", R1, bundle_of(1, VISIT_KEY)),),
    "bundle in the root's place": (Offer("envelope_type", B1, B1),),
    "bundle too large": (Offer("json_size", R1, padded(B1, MAX_DOCUMENT_BYTES + 1, K)),),
    "bundle as large as may be": (Offer("taken", R1, padded(B1, MAX_DOCUMENT_BYTES, K)),),
    "bundle with one kid for two keys": (
        Offer("duplicate_kid", R1, signed_bundle(bundle(NOON + 1, keys=(*KEYS, replace(KEYS[0], purpose="time"))), K)),
    ),
    "bundle with an unknown algorithm": (
        Offer("shape", R1, signed_bundle(bundle(NOON + 1, keys=(replace(KEYS[0], algorithm="RS256"),)), K)),
    ),
    "bundle with a purpose of the root": (
        Offer("shape", R1, signed_bundle(bundle(NOON + 1, keys=(replace(KEYS[0], purpose="bundle"),)), K)),
    ),
    "bundle with a seal key for visits": (
        Offer("key_purpose", R1, signed_bundle(bundle(NOON + 1, keys=(replace(KEYS[3], purpose="visit"),)), K)),
    ),
    "bundle of another tenant": (Offer("tenant", R1, signed_bundle(bundle(NOON + 1, tenant_id=WRONG_TENANT), K)),),
    # ── a stolen bundle key ──────────────────────────────────────────────────────────────────────────────────────
    "pushed far ahead: honest bundles are refused": (
        Offer("taken", R1, STOLEN),
        Offer("rollback", R1, bundle_of(5, K)),
        Offer("rollback", R2, bundle_of(5, K)),
    ),
    "pushed far ahead, then recovered by a root that replaces the bundle key": (
        Offer("taken", R1, STOLEN),
        Offer("taken", NEW_BUNDLE_KEY, bundle_of(5, L)),
        Offer("rollback", NEW_BUNDLE_KEY, bundle_of(4, L)),
        Offer("envelope_signature", NEW_BUNDLE_KEY, bundle_of(6, K)),
        Offer("envelope_signature", NEW_BUNDLE_KEY, STOLEN),
    ),
    "pushed far ahead, and the new root still names the stolen key": (
        Offer("taken", R1, STOLEN),
        Offer(
            "rollback",
            sign_envelope(
                ROOT_TYPE,
                encode(root(NOON + 1, (A,), bundle_keys=(document_key(K), document_key(L)))),
                [(kid_of(A), A)],
            ),
            bundle_of(5, L),
        ),
    ),
    "pushed far ahead, the key replaced two roots ago": (
        Offer("taken", R1, STOLEN),
        Offer("taken", root_of(2, A, M), bundle_of(5, M), [NEW_BUNDLE_KEY]),
    ),
    "recovery without a bundle of the new key": (
        Offer("taken", R1, STOLEN),
        Offer("envelope_signature", NEW_BUNDLE_KEY, STOLEN),
        Offer("same", R1, STOLEN),
    ),
}


def verdict_on(state: TrustState, offer: Offer) -> tuple[str, TrustState]:
    """Return what the kiosk makes of the offer, and what it believes then."""
    try:
        newer = update(state, offer.root, offer.bundle, NOON + offer.later, offer.earlier)
    except ProtocolError as error:
        return error.code, state
    return ("same" if newer is state else "taken"), newer


@pytest.mark.parametrize("offers", SEQUENCES.values(), ids=SEQUENCES.keys())
def test_a_sequence_is_decided_as_the_update_framework_decides_it(offers: Sequence[Offer]) -> None:
    """And what was taken can be restored from its bytes alone, while a refused offer leaves no trace."""
    state = pin(R1, B1, TENANT, NOON)
    for offer in offers:
        found, state = verdict_on(state, offer)
        assert found == offer.verdict
        stored = (decode(encode(each), Envelope) for each in (state.root_envelope, state.bundle_envelope))
        assert restore(*stored, TENANT) == state


def test_there_are_sequences_enough() -> None:
    """A row lost from the table must not go unnoticed."""
    assert len(SEQUENCES) >= 25


# ── keys on their way in and out ─────────────────────────────────────────────────────────────────────────────────────


def verdict_on_token(state: TrustState, now: int) -> str | None:
    result = verify_visit_token(TOKEN, state.keys("visit", now), SITE)
    return result.reason.value if isinstance(result, TokenRefusal) else None


def test_yesterdays_code_works_while_old_and_new_key_stand_together() -> None:
    """Rotation: the new key joins, signs later, and the old one leaves when nothing it signed is left."""
    both = (*KEYS, bundle_key(bytes(SECOND_VISIT_KEY.verify_key), "visit"))
    state = pin(R1, B1, TENANT, NOON)
    assert verdict_on_token(state, NOON) is None
    state = update(state, R1, signed_bundle(bundle(NOON + 1, keys=both), K), NOON + 2)
    assert verdict_on_token(state, NOON + 2) is None
    assert kid_of(SECOND_VISIT_KEY) in state.keys("visit", NOON + 2)
    state = update(state, R1, signed_bundle(bundle(NOON + 3, keys=both[1:]), K), NOON + 4)
    assert verdict_on_token(state, NOON + 4) == "unknown_key"


def test_a_key_counts_only_within_its_time_and_purpose() -> None:
    """Not yet valid, over, or of another purpose: the code's key is unknown."""
    raw = bytes(VISIT_KEY.verify_key)
    for key in (
        bundle_key(raw, "visit", begins=NOON + 10),
        bundle_key(raw, "visit", ends=NOON + 5),
        bundle_key(raw, "device"),
        bundle_key(raw, "time"),
        bundle_key(raw, "licence"),
    ):
        state = pin(R1, signed_bundle(bundle(keys=(key,)), K), TENANT, NOON)
        assert verdict_on_token(state, NOON + 5) == "unknown_key"
    begun = pin(R1, signed_bundle(bundle(keys=(bundle_key(raw, "visit", begins=NOON + 10),)), K), TENANT, NOON)
    assert verdict_on_token(begun, NOON + 10) is None


# ── every byte ───────────────────────────────────────────────────────────────────────────────────────────────────────


def flips(envelope: Envelope) -> Sequence[Envelope]:
    """Return the envelope as it travels with each byte changed by one bit, where that still is an envelope."""
    wire = encode(envelope)
    changed = []
    for place in range(len(wire)):
        bent = bytearray(wire)
        bent[place] ^= 1 << place % 7
        try:
            changed.append(decode(bytes(bent), Envelope))
        except ProtocolError:
            continue
    # Most bytes lie inside the texts, where a changed one still is an envelope.
    assert len(changed) > len(wire) * 2 // 3
    return changed


def test_no_byte_of_a_signed_bundle_can_be_changed() -> None:
    """Each byte of the envelope, name of the signer and signature included."""
    state, newer = pin(R1, B1, TENANT, NOON), bundle_of(1, K)
    for bent in flips(newer):
        assert verdict_on(state, Offer("", R1, bent))[0] not in {"taken", "same"}
    assert verdict_on(state, Offer("", R1, newer))[0] == "taken"


def test_no_byte_of_a_signed_root_can_be_changed() -> None:
    """Neither of its two signatures: one of the old key alone, or of the new alone, is not enough."""
    state = pin(R1, B1, TENANT, NOON)
    for bent in flips(R2):
        assert verdict_on(state, Offer("", bent, B1))[0] not in {"taken", "same"}
        assert verdict_on(state, Offer("", R3, B1, [bent]))[0] not in {"taken", "same"}


def test_no_byte_of_a_signed_payload_can_be_changed() -> None:
    """All of them, one bit each, under the genuine signature."""
    genuine = bundle_of(1, K)
    payload = encode(bundle(NOON + 1))
    signature = sign_envelope(BUNDLE_TYPE, payload, [(kid_of(K), K)]).signatures
    state = pin(R1, B1, TENANT, NOON)
    for place in range(len(payload)):
        bent = bytearray(payload)
        bent[place] ^= 1 << place % 8
        forged = sign_envelope(BUNDLE_TYPE, bytes(bent), [(kid_of(A), A)])
        offer = Offer("", R1, replace(forged, signatures=signature))
        assert verdict_on(state, offer)[0] == "envelope_signature"
    assert verdict_on(state, Offer("", R1, genuine))[0] == "taken"
