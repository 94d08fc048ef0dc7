"""Vectors of signed documents: envelopes, root and bundle with their updates, signed time, check-in records."""

import base64
import json
from typing import Any

from msgspec.structs import replace

from kiosk_protocol.dsse import pre_authentication_encoding, sign_envelope
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.identifiers import uuid7
from kiosk_protocol.messages import Envelope, encode
from kiosk_protocol.records import RECORD_TYPE, CheckInRecord, sign_record
from kiosk_protocol.signing import sign_time
from kiosk_protocol.trust import BUNDLE_TYPE
from tests.kiosk_protocol import test_rotation as rotation
from tests.kiosk_protocol import test_trust as trust
from tests.kiosk_protocol.hostile_tokens import TOKEN
from tests.kiosk_protocol.samples import (
    DEVICE,
    DEVICE_KEY,
    NOON,
    SITE,
    STRANGER_KEY,
    TENANT,
    VISIT_KEY,
    VISIT_KID,
    kid_of,
    long_id,
    random_bytes,
)
from tests.kiosk_protocol.test_dsse import ENVELOPE, KIND
from tests.kiosk_protocol.test_dsse import REFUSED as REFUSED_ENVELOPES

Json = dict[str, Any]


def as_json(envelope: Envelope) -> Any:
    """Return the envelope as it travels."""
    return json.loads(encode(envelope))


def envelopes() -> Json:
    """Return DSSE envelopes with what is signed."""
    good = {
        "as signed": ENVELOPE,
        "an empty payload": sign_envelope(KIND, b"", [(VISIT_KID, VISIT_KEY)]),
        "any bytes": sign_envelope(KIND, bytes(range(256)), [(VISIT_KID, VISIT_KEY)]),
        "a stranger's signature beside ours": sign_envelope(
            KIND, b"x", [(kid_of(STRANGER_KEY), STRANGER_KEY), (VISIT_KID, VISIT_KEY)]
        ),
    }
    vectors = []
    for name, envelope in good.items():
        signed = pre_authentication_encoding(KIND, base64.b64decode(envelope.payload))
        vectors.append({"name": name, "envelope": as_json(envelope), "code": None, "value": signed.hex()})
    for name, (envelope, code) in REFUSED_ENVELOPES.items():
        if not envelope.signatures:
            continue  # no message at all: the shape of an envelope asks for one signature
        vectors.append({"name": name, "envelope": as_json(envelope), "code": code, "value": None})
    keys = {VISIT_KID: base64url_encode(bytes(VISIT_KEY.verify_key))}
    return {
        "what": "DSSE envelopes, and the signed bytes (in hex) of those that a key of ours signed.",
        "type": KIND,
        "keys": keys,
        "vectors": vectors,
    }


def trust_updates() -> Json:
    """Return what is pinned and which updates are taken: each vector starts from the pinned documents."""
    steps: list[tuple[str, Envelope, Envelope, int, str | None]] = [
        ("the same documents", trust.ROOT, trust.BUNDLE, 2, None),
        ("a newer bundle", trust.ROOT, trust.signed_bundle(trust.bundle(NOON + 1, keys=trust.KEYS[1:])), 2, None),
        ("a newer root of the same key", trust.signed_root(trust.root(NOON + 1)), trust.BUNDLE, 2, None),
        ("a newer root with new keys", trust.NEXT_ROOT_ENVELOPE, trust.NEXT_BUNDLE_ENVELOPE, 2, None),
    ]
    steps += [(name, *case[:2], 2, case[2]) for name, case in trust.UPDATES.items()]
    loose = {
        "a bundle with a member twice": encode(trust.bundle(NOON + 1))[:-1] + b',"version":1}',
        "a bundle with a float": encode(trust.bundle(NOON + 1)).replace(b'"version":', b'"version":1.0,"x":'),
        "a bundle with a foreign member": encode(trust.bundle(NOON + 1))[:-1] + b',"extra":1}',
        "a bundle with two keys of one name": encode(trust.bundle(NOON + 1, keys=trust.KEYS + trust.KEYS[:1])),
        "a bundle with a seal key for visits": encode(
            trust.bundle(NOON + 1, keys=(replace(trust.KEYS[3], purpose="visit"),))
        ),
        "a bundle with a key of small order": encode(
            trust.bundle(NOON + 1, keys=(replace(trust.KEYS[0], public_key="A" * 43),))
        ),
    }
    codes = ["json_duplicate_member", "json_number", "shape", "duplicate_kid", "key_purpose", "key_point"]
    for (name, payload), code in zip(loose.items(), codes, strict=True):
        signer = [(kid_of(trust.BUNDLE_KEY), trust.BUNDLE_KEY)]
        steps.append((name, trust.ROOT, sign_envelope(BUNDLE_TYPE, payload, signer), 2, code))
    vectors = [
        {
            "name": name,
            "root": as_json(root),
            "bundle": as_json(bundle),
            "now": NOON + later,
            "code": code,
            "value": None if code else [_version(root), _version(bundle)],
        }
        for name, root, bundle, later, code in steps
    ]
    return {
        "what": "Offers to a kiosk that pinned `root` and `bundle` at `now`, and the versions it trusts afterwards. "
        "With `held`, it holds these instead; `earlierRoots` come with the offer.",
        "tenant": TENANT,
        "now": NOON,
        "root": as_json(trust.ROOT),
        "bundle": as_json(trust.BUNDLE),
        "vectors": vectors + [vector for name in ROTATIONS for vector in _rotation(name)],
    }


ROTATIONS = (
    "root key changed, by old and new key",
    "two changes, one after the other",
    "two changes at once, with the root between",
    "two changes at once, with all roots since the first",
    "two changes at once, without the root between",
    "roots in the wrong order",
    "back to the root before, signed by the newer key",
    "back in the middle of a chain",
    "root of another tenant in the middle",
    "root between is over, the newest is not",
    "held root is over, a newer one comes",
    "held root is over, only the bundle is newer",
    "mix: new root, bundle rolled back",
    "pushed far ahead: honest bundles are refused",
    "pushed far ahead, then recovered by a root that replaces the bundle key",
    "pushed far ahead, and the new root still names the stolen key",
    "pushed far ahead, the key replaced two roots ago",
)
"""Sequences of `tests/kiosk_protocol/test_rotation.py` that need what one offer to the pinned kiosk cannot show."""


def _rotation(name: str) -> list[Json]:
    """Return a sequence as vectors, each with what the kiosk holds by then."""
    vectors = []
    root, bundle = rotation.R1, rotation.B1
    for number, offer in enumerate(rotation.SEQUENCES[name], start=1):
        code = None if offer.verdict in {"taken", "same"} else offer.verdict
        vectors.append(
            {
                "name": f"{name}, {number}",
                "held": {"root": as_json(root), "bundle": as_json(bundle)},
                "earlierRoots": [as_json(each) for each in offer.earlier],
                "root": as_json(offer.root),
                "bundle": as_json(offer.bundle),
                "now": NOON + offer.later,
                "code": code,
                "value": None if code else [_version(offer.root), _version(offer.bundle)],
            }
        )
        if code is None:
            root, bundle = offer.root, offer.bundle
    return vectors


def _version(envelope: Envelope) -> Any:
    return json.loads(base64.b64decode(envelope.payload))["version"]


def time_statements() -> Json:
    """Return signed times for one nonce."""
    nonce, signer, other = long_id("nonce"), trust.TIME_KEY, VISIT_KEY
    cases = {
        "as asked": (sign_time(nonce, NOON * 1000, kid_of(signer), signer), NOON * 1000, None),
        "for another question": (sign_time(long_id("other"), NOON * 1000, kid_of(signer), signer), None, "nonce"),
        "by a visit key": (sign_time(nonce, NOON * 1000, kid_of(other), other), None, "envelope_signature"),
        "a bundle in its place": (trust.BUNDLE, None, "envelope_type"),
    }
    return {
        "what": "Answers to POST /kiosk/time, and the milliseconds since 1970 that the kiosk learns.",
        "nonce": nonce,
        "keys": {kid_of(signer): base64url_encode(bytes(signer.verify_key))},
        "vectors": [
            {"name": name, "envelope": as_json(envelope), "code": code, "value": time_ms}
            for name, (envelope, time_ms, code) in cases.items()
        ],
    }


RECORD = CheckInRecord(
    type="check-in",
    check_in_id=uuid7(NOON * 1000, random_bytes("check-in", 10)),
    tenant_id=TENANT,
    site_id=SITE,
    device_id=DEVICE,
    token=TOKEN,
    scanned_at_ms=NOON * 1000,
    decided_at_ms=NOON * 1000 + 80,
    mode="offline",
    clock="sure",
    known=True,
    app_version="0.1.0",
)


def signed_bytes(payload: bytes, payload_type: str = RECORD_TYPE) -> bytes:
    """Return any payload as an item signed by the device."""
    return encode(sign_envelope(payload_type, payload, [(kid_of(DEVICE_KEY), DEVICE_KEY)]))


def records() -> Json:
    """Return check-in records as the device signs them."""
    members = json.loads(encode(RECORD))
    changed = {
        "a foreign member": members | {"extra": 1},
        "another type": members | {"type": "check-out"},
        "a text for a time": members | {"scannedAtMs": "1"},
        "a boolean for a time": members | {"decidedAtMs": True},
        "an unknown mode": members | {"mode": "late"},
        "a suspect clock": members | {"clock": "suspect"},
        "an identifier that is no UUIDv7": members | {"checkInId": "00000000-0000-4000-8000-000000000000"},
        "an identifier with a line feed": members | {"deviceId": members["deviceId"] + "\n"},
        "no token": {name: value for name, value in members.items() if name != "token"},
    }
    cases: dict[str, tuple[bytes, str | None]] = {
        "as signed": (sign_record(RECORD, DEVICE_KEY), None),
        "by another device": (sign_record(RECORD, STRANGER_KEY), "envelope_signature"),
        "as another type": (signed_bytes(encode(RECORD), BUNDLE_TYPE), "envelope_type"),
        "a member twice": (signed_bytes(encode(RECORD)[:-1] + b',"known":false}'), "json_duplicate_member"),
        **{name: (signed_bytes(json.dumps(value).encode()), "shape") for name, value in changed.items()},
    }
    return {
        "what": "Check-in records in their envelopes, by one device, and what they say.",
        "deviceKey": base64url_encode(bytes(DEVICE_KEY.verify_key)),
        "vectors": [
            {"name": name, "item": item.decode(), "code": code, "value": None if code else members}
            for name, (item, code) in cases.items()
        ],
    }
