"""Root and bundle: pinned once, replaced only upwards, by the right signatures, and never out of their time."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from kiosk_protocol.dsse import sign_envelope
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import EncodingError, EnvelopeError, ProtocolError
from kiosk_protocol.identifiers import TenantId, key_id_of
from kiosk_protocol.messages import Envelope, encode
from kiosk_protocol.signing import sign_bundle, sign_root, sign_time
from kiosk_protocol.trust import (
    BUNDLE_TYPE,
    MAX_DOCUMENT_BYTES,
    ROOT_TYPE,
    TIME_TYPE,
    BundleDocument,
    BundleKey,
    DocumentKey,
    OfflinePolicy,
    RootDocument,
    TrustState,
    load_bundle_keys,
    pin,
    read_bundle,
    read_root,
    read_time,
    restore,
    update,
)
from tests.kiosk_protocol.samples import NOON, TENANT, VISIT_KEY, kid_of, long_id, public, random_bytes, signing_key
from tests.kiosk_protocol.test_keys import WEAK_POINTS

DAY = 24 * 3600
ROOT_KEY, NEXT_ROOT_KEY = signing_key("root"), signing_key("next root")
BUNDLE_KEY, NEXT_BUNDLE_KEY = signing_key("bundle"), signing_key("next bundle")
DEVICE_SIGNER, TIME_KEY = signing_key("device tokens"), signing_key("time")
SEAL_RAW = bytes(PrivateKey(random_bytes("seal key", 32)).public_key)


def document_key(key: SigningKey) -> DocumentKey:
    return DocumentKey(kid=kid_of(key), public_key=base64url_encode(bytes(key.verify_key)))


def bundle_key(raw: bytes, purpose: str, algorithm: str = "Ed25519", begins: int = 0, ends: int = 2**40) -> BundleKey:
    return BundleKey(
        kid=key_id_of(raw),
        algorithm=algorithm,  # type: ignore[arg-type]  # wrong ones are built on purpose
        public_key=base64url_encode(raw),
        purpose=purpose,  # type: ignore[arg-type]
        not_before=begins,
        not_after=ends,
    )


def root(version: int = NOON, keys: Sequence[SigningKey] = (ROOT_KEY,), **changes: Any) -> RootDocument:
    plain = RootDocument(
        type="root",
        tenant_id=TENANT,
        version=version,
        issued_at=version,
        expires_at=NOON + 365 * DAY,
        root_keys=tuple(map(document_key, keys)),
        bundle_keys=(document_key(BUNDLE_KEY),),
    )
    return replace(plain, **changes)


KEYS = (
    bundle_key(bytes(VISIT_KEY.verify_key), "visit"),
    bundle_key(bytes(DEVICE_SIGNER.verify_key), "device"),
    bundle_key(bytes(TIME_KEY.verify_key), "time"),
    bundle_key(SEAL_RAW, "seal", "X25519"),
)


def bundle(version: int = NOON, **changes: Any) -> BundleDocument:
    plain = BundleDocument(
        type="bundle",
        tenant_id=TENANT,
        version=version,
        issued_at=version,
        expires_at=NOON + 60 * DAY,
        keys=KEYS,
        offline=OfflinePolicy(greatest_age_s=30 * DAY),
        lowest_app_version="0.1.0",
    )
    return replace(plain, **changes)


def signed_root(document: RootDocument, *keys: SigningKey) -> Envelope:
    return sign_root(document, [(kid_of(key), key) for key in keys or (ROOT_KEY,)])


def signed_bundle(document: BundleDocument, key: SigningKey = BUNDLE_KEY) -> Envelope:
    return sign_bundle(document, kid_of(key), key)


ROOT, BUNDLE = signed_root(root()), signed_bundle(bundle())
STATE = pin(ROOT, BUNDLE, TENANT, NOON)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(ProtocolError) as caught:
        act()
    return caught.value.code


def test_a_pinned_state_has_keys_by_purpose() -> None:
    """Each key under its own purpose alone, and only while it counts."""
    assert set(STATE.keys("visit", NOON)) == {kid_of(VISIT_KEY)}
    assert set(STATE.keys("device", NOON)) == {kid_of(DEVICE_SIGNER)}
    assert set(STATE.keys("time", NOON)) == {kid_of(TIME_KEY)}
    assert set(STATE.keys("licence", NOON)) == set()
    assert set(STATE.keys("visit", 2**40)) == set()
    seal = STATE.seal_key(NOON)
    assert seal is not None
    assert seal.raw == SEAL_RAW
    assert STATE.seal_key(2**40) is None


def test_the_newest_seal_key_is_used_first() -> None:
    """Older ones still count for what was sealed to them, but nothing new is."""
    newer = bytes(PrivateKey(random_bytes("newer seal key", 32)).public_key)
    future = bytes(PrivateKey(random_bytes("future seal key", 32)).public_key)
    keys = (
        *KEYS,
        bundle_key(newer, "seal", "X25519", NOON - 5),
        bundle_key(future, "seal", "X25519", NOON + 5),
    )
    state = pin(ROOT, signed_bundle(bundle(keys=keys)), TENANT, NOON)
    seal = state.seal_key(NOON)
    assert seal is not None
    assert seal.raw == newer


def test_expiry_is_judged_when_deciding() -> None:
    """By the bundle's end, the root's end, and the bundle's age; what was stored is restored whatever its age."""
    restored = restore(ROOT, BUNDLE, TENANT)
    assert restored == STATE
    assert not STATE.has_expired(NOON + 30 * DAY)
    assert STATE.has_expired(NOON + 30 * DAY + 1)
    assert STATE.age_s(NOON + 5) == 5
    assert STATE.age_s(NOON - 5) == 0
    patient = bundle(offline=OfflinePolicy(greatest_age_s=10**6 * DAY))
    assert not pin(ROOT, signed_bundle(patient), TENANT, NOON).has_expired(NOON + 60 * DAY - 1)
    assert pin(ROOT, signed_bundle(patient), TENANT, NOON).has_expired(NOON + 60 * DAY)
    long_lived = replace(patient, expires_at=NOON + 10**6)
    short = signed_root(root(expires_at=NOON + 10))
    assert pin(short, signed_bundle(long_lived), TENANT, NOON).has_expired(NOON + 10)


WRONG_TENANT = TenantId(long_id("other tenant"))


@pytest.mark.parametrize(
    ("root_envelope", "bundle_envelope", "code"),
    [
        (signed_root(root(tenant_id=WRONG_TENANT)), BUNDLE, "tenant"),
        (ROOT, signed_bundle(bundle(tenant_id=WRONG_TENANT)), "tenant"),
        (signed_root(root(expires_at=NOON)), BUNDLE, "expired"),
        (ROOT, signed_bundle(bundle(expires_at=NOON)), "expired"),
        (signed_root(root(), NEXT_ROOT_KEY), BUNDLE, "envelope_signature"),
        (ROOT, signed_bundle(bundle(), ROOT_KEY), "envelope_signature"),
        (ROOT, signed_bundle(bundle(), NEXT_BUNDLE_KEY), "envelope_signature"),
        (ROOT, ROOT, "envelope_type"),
        (BUNDLE, BUNDLE, "envelope_type"),
        (signed_root(root(keys=(ROOT_KEY, ROOT_KEY))), BUNDLE, "duplicate_kid"),
        (signed_root(root(bundle_keys=(document_key(BUNDLE_KEY),) * 2)), BUNDLE, "duplicate_kid"),
        (ROOT, signed_bundle(bundle(keys=KEYS + KEYS[:1])), "duplicate_kid"),
        (ROOT, signed_bundle(bundle(keys=(*KEYS, replace(KEYS[0], purpose="device")))), "duplicate_kid"),
        (ROOT, signed_bundle(bundle(keys=(replace(KEYS[0], algorithm="X25519"),))), "key_purpose"),
        (ROOT, signed_bundle(bundle(keys=(replace(KEYS[3], algorithm="Ed25519"),))), "key_purpose"),
        (ROOT, signed_bundle(bundle(keys=(replace(KEYS[0], public_key="A" * 42 + "B"),))), "key_encoding"),
        (ROOT, signed_bundle(bundle(keys=(replace(KEYS[3], public_key="A" * 42 + "B"),))), "key_encoding"),
        (ROOT, signed_bundle(bundle(keys=(replace(KEYS[3], public_key="A" * 43),))), "key_point"),
    ],
)
def test_documents_that_break_a_rule_are_not_pinned(
    root_envelope: Envelope, bundle_envelope: Envelope, code: str
) -> None:
    """Tenant, time, signer, type, names and keys."""
    assert refused(lambda: pin(root_envelope, bundle_envelope, TENANT, NOON)) == code


@pytest.mark.parametrize("raw", WEAK_POINTS.values(), ids=WEAK_POINTS.keys())
def test_a_weak_key_spoils_the_whole_document(raw: bytes) -> None:
    """One signature would fit every message under it, so nothing that names it is believed."""
    weak = DocumentKey(kid="weakweak", public_key=base64url_encode(raw))
    assert (
        refused(lambda: pin(ROOT, signed_bundle(bundle(keys=(bundle_key(raw, "visit"),))), TENANT, NOON)) == "key_point"
    )
    assert refused(lambda: pin(signed_root(root(bundle_keys=(weak,))), BUNDLE, TENANT, NOON)) == "key_point"
    own = root().root_keys
    assert refused(lambda: pin(signed_root(root(root_keys=(*own, weak))), BUNDLE, TENANT, NOON)) == "key_point"


BUNDLE_MEMBERS: Mapping[str, Any] = json.loads(encode(bundle()))


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (json.dumps({**BUNDLE_MEMBERS, "extra": 1}), "shape"),
        (json.dumps({**BUNDLE_MEMBERS, "type": "root"}), "shape"),
        (json.dumps({**BUNDLE_MEMBERS, "version": True}), "shape"),
        (json.dumps({**BUNDLE_MEMBERS, "version": str(NOON)}), "shape"),
        (json.dumps({**BUNDLE_MEMBERS, "version": -1}), "shape"),
        (json.dumps({**BUNDLE_MEMBERS, "version": float(NOON)}), "json_number"),
        (json.dumps({**BUNDLE_MEMBERS, "tenantId": TENANT + "\n"}), "shape"),
        (json.dumps({**BUNDLE_MEMBERS, "keys": [{**BUNDLE_MEMBERS["keys"][0], "use": "sig"}]}), "shape"),
        (json.dumps({**BUNDLE_MEMBERS, "keys": [{**BUNDLE_MEMBERS["keys"][0], "purpose": "root"}]}), "shape"),
        (json.dumps({**BUNDLE_MEMBERS, "keys": BUNDLE_MEMBERS["keys"] * 65}), "shape"),
        (json.dumps({name: BUNDLE_MEMBERS[name] for name in BUNDLE_MEMBERS if name != "expiresAt"}), "shape"),
        (json.dumps({**BUNDLE_MEMBERS, "keys": [[[[]]]]}), "json_depth"),
        (json.dumps(BUNDLE_MEMBERS)[:-1] + ',"version":1}', "json_duplicate_member"),
        (json.dumps(BUNDLE_MEMBERS).ljust(MAX_DOCUMENT_BYTES + 1), "json_size"),
        ("[]", "json_not_object"),
        ("", "json_syntax"),
    ],
)
def test_signed_bytes_that_are_no_document_are_refused(payload: str, code: str) -> None:
    """A bundle key's signature does not make a bundle."""
    envelope = sign_envelope(BUNDLE_TYPE, payload.encode(), [(kid_of(BUNDLE_KEY), BUNDLE_KEY)])
    assert refused(lambda: pin(ROOT, envelope, TENANT, NOON)) == code


def test_a_document_may_be_as_large_as_64_kib() -> None:
    """White space is no content, but counts."""
    payload = json.dumps(BUNDLE_MEMBERS).ljust(64 * 1024).encode()
    envelope = sign_envelope(BUNDLE_TYPE, payload, [(kid_of(BUNDLE_KEY), BUNDLE_KEY)])
    assert pin(ROOT, envelope, TENANT, NOON).bundle == STATE.bundle


# ── updates ──────────────────────────────────────────────────────────────────────────────────────────────────────────

NEXT_ROOT = root(NOON + 1, (NEXT_ROOT_KEY,), bundle_keys=(document_key(NEXT_BUNDLE_KEY),))
NEXT_ROOT_ENVELOPE = signed_root(NEXT_ROOT, ROOT_KEY, NEXT_ROOT_KEY)
NEXT_BUNDLE_ENVELOPE = signed_bundle(bundle(NOON + 1), NEXT_BUNDLE_KEY)


def test_a_newer_bundle_replaces_the_old_one() -> None:
    """The root stays."""
    newer = signed_bundle(bundle(NOON + 1, keys=KEYS[1:]))
    state = update(STATE, ROOT, newer, NOON + 2)
    assert state.bundle.version == NOON + 1
    assert state.root is STATE.root
    assert set(state.keys("visit", NOON)) == set()


def test_a_newer_root_is_signed_by_the_old_and_the_new_key() -> None:
    """And brings its own bundle keys; the next root then needs the new key."""
    state = update(STATE, NEXT_ROOT_ENVELOPE, NEXT_BUNDLE_ENVELOPE, NOON + 2)
    assert state.root == NEXT_ROOT
    assert state.root_envelope is NEXT_ROOT_ENVELOPE
    third = root(NOON + 2, (ROOT_KEY,), bundle_keys=NEXT_ROOT.bundle_keys)
    assert refused(lambda: update(state, signed_root(third), NEXT_BUNDLE_ENVELOPE, NOON + 2)) == "envelope_signature"


def test_a_newer_root_may_come_with_the_bundle_we_have() -> None:
    """Where it keeps the bundle key."""
    same_signer = signed_root(root(NOON + 1))
    state = update(STATE, same_signer, BUNDLE, NOON + 2)
    assert state.root.version == NOON + 1
    assert state.bundle == STATE.bundle


def test_the_same_documents_change_nothing() -> None:
    """Not even where a signature was made anew, or the documents are over by now."""
    assert update(STATE, ROOT, BUNDLE, NOON + 2) is STATE
    again = signed_root(root(), NEXT_ROOT_KEY, ROOT_KEY)
    assert update(STATE, again, BUNDLE, NOON + 2) is STATE
    assert update(STATE, ROOT, BUNDLE, NOON + 1000 * DAY) is STATE


UPDATES: dict[str, tuple[Envelope, Envelope, str]] = {
    "an older bundle": (ROOT, signed_bundle(bundle(NOON - 1)), "rollback"),
    "an older root": (signed_root(root(NOON - 1)), BUNDLE, "rollback"),
    "other bytes of the same version": (ROOT, signed_bundle(bundle(keys=())), "equal_version_other_bytes"),
    "another root of the same version": (signed_root(root(expires_at=NOON + DAY)), BUNDLE, "equal_version_other_bytes"),
    "a root signed by the new key alone": (
        signed_root(NEXT_ROOT, NEXT_ROOT_KEY),
        NEXT_BUNDLE_ENVELOPE,
        "envelope_signature",
    ),
    "a root signed by the old key alone": (
        signed_root(NEXT_ROOT, ROOT_KEY),
        NEXT_BUNDLE_ENVELOPE,
        "envelope_signature",
    ),
    "a root signed by a bundle key": (
        signed_root(NEXT_ROOT, BUNDLE_KEY, NEXT_ROOT_KEY),
        NEXT_BUNDLE_ENVELOPE,
        "envelope_signature",
    ),
    "a bundle signed by the bundle key of before": (
        NEXT_ROOT_ENVELOPE,
        signed_bundle(bundle(NOON + 1)),
        "envelope_signature",
    ),
    "the bundle we have under a root that names another key": (NEXT_ROOT_ENVELOPE, BUNDLE, "envelope_signature"),
    "a bundle signed by the root key": (ROOT, signed_bundle(bundle(NOON + 1), ROOT_KEY), "envelope_signature"),
    "a newer bundle that is over": (ROOT, signed_bundle(bundle(NOON + 1, expires_at=NOON + 2)), "expired"),
    "a newer root that is over": (signed_root(root(NOON + 1, expires_at=NOON + 2)), BUNDLE, "expired"),
    "a root of another tenant": (signed_root(root(NOON + 1, tenant_id=WRONG_TENANT)), BUNDLE, "tenant"),
    "a bundle of another tenant": (ROOT, signed_bundle(bundle(NOON + 1, tenant_id=WRONG_TENANT)), "tenant"),
    "a root in place of the bundle": (ROOT, ROOT, "envelope_type"),
    "a bundle in place of the root": (BUNDLE, BUNDLE, "envelope_type"),
    "a new root with an older bundle": (signed_root(root(NOON + 1)), signed_bundle(bundle(NOON - 1)), "rollback"),
}


@pytest.mark.parametrize(("root_envelope", "bundle_envelope", "code"), UPDATES.values(), ids=UPDATES.keys())
def test_an_update_that_breaks_a_rule_is_refused(root_envelope: Envelope, bundle_envelope: Envelope, code: str) -> None:
    """As The Update Framework decides it; the state in hand stays what it was."""
    before = dataclasses.replace(STATE)
    assert refused(lambda: update(STATE, root_envelope, bundle_envelope, NOON + 2)) == code
    assert before == STATE


@given(st.integers(0, len(encode(bundle())) - 1), st.integers(0, 7))
@settings(deadline=None)
def test_every_flipped_bit_of_a_bundle_is_refused(place: int, bit: int) -> None:
    """The signature covers them all."""
    payload = bytearray(encode(bundle(NOON + 1)))
    payload[place] ^= 1 << bit
    genuine = signed_bundle(bundle(NOON + 1))
    forged = sign_envelope(BUNDLE_TYPE, bytes(payload), [(kid_of(ROOT_KEY), ROOT_KEY)])
    with pytest.raises(EnvelopeError, match="envelope_signature"):
        update(STATE, ROOT, replace(forged, signatures=genuine.signatures), NOON + 2)


@given(st.lists(st.integers(-3, 6), max_size=8))
@settings(deadline=None, max_examples=50)
def test_versions_only_rise(offers: list[int]) -> None:
    """Whatever bundles a server offers in whatever order, the version in hand never falls."""
    state = STATE
    for offer in offers:
        envelope = signed_bundle(bundle(NOON + offer))
        if NOON + offer < state.bundle.version:
            assert refused(partial(update, state, ROOT, envelope, NOON + 10)) == "rollback"
        else:
            state = update(state, ROOT, envelope, NOON + 10)
            assert state.bundle.version == NOON + offer


def test_stored_trust_is_verified_again() -> None:
    """A swapped document, or one of another tenant, is not restored."""
    assert refused(lambda: restore(ROOT, BUNDLE, WRONG_TENANT)) == "tenant"
    assert refused(lambda: restore(ROOT, signed_bundle(bundle(), ROOT_KEY), TENANT)) == "envelope_signature"
    assert isinstance(restore(ROOT, signed_bundle(bundle(expires_at=0)), TENANT), TrustState)


def test_a_root_that_names_no_fit_key_is_not_read() -> None:
    """Also outside an update."""
    assert read_root(ROOT) == root()
    assert refused(lambda: read_root(signed_root(root(keys=(NEXT_ROOT_KEY,))))) == "envelope_signature"
    loose = sign_envelope(ROOT_TYPE, b"{}", [(kid_of(ROOT_KEY), ROOT_KEY)])
    assert refused(lambda: read_root(loose)) == "shape"


def test_bundle_keys_can_be_read_without_a_root() -> None:
    """For ``verify --keys``, where whoever calls answers for the file."""
    document = read_bundle(encode(bundle()))
    assert {purpose: len(keys) for purpose, keys in load_bundle_keys(document).items()} == {
        "visit": 1,
        "device": 1,
        "time": 1,
    }
    with pytest.raises(EncodingError):
        read_bundle(b"not JSON")


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

NONCE = long_id("nonce")
TIME = sign_time(NONCE, NOON * 1000, kid_of(TIME_KEY), TIME_KEY)


def test_signed_time_answers_its_own_question() -> None:
    """By a time key, for this nonce."""
    keys = STATE.keys("time", NOON)
    assert read_time(TIME, NONCE, keys) == NOON * 1000
    assert refused(lambda: read_time(TIME, long_id("other nonce"), keys)) == "nonce"
    assert refused(lambda: read_time(TIME, NONCE, STATE.keys("visit", NOON))) == "envelope_signature"
    assert refused(lambda: read_time(BUNDLE, NONCE, keys)) == "envelope_type"
    negative = sign_envelope(
        TIME_TYPE, f'{{"type":"time","nonce":"{NONCE}","timeMs":-1}}'.encode(), [(kid_of(TIME_KEY), TIME_KEY)]
    )
    assert refused(lambda: read_time(negative, NONCE, keys)) == "shape"


def test_a_visit_key_is_no_time_key_even_with_its_own_name() -> None:
    """A purpose never stands in for another."""
    forged = sign_time(NONCE, NOON * 1000, kid_of(VISIT_KEY), VISIT_KEY)
    assert refused(lambda: read_time(forged, NONCE, STATE.keys("time", NOON))) == "envelope_signature"
    assert public(VISIT_KEY).kid in STATE.keys("visit", NOON)
