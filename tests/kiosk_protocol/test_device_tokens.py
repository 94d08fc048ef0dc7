"""The device token: one year, one device, one key; read without any liberty."""

import dataclasses
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_protocol.device_tokens import (
    MAX_TOKEN_CHARACTERS,
    VALIDITY_S,
    DeviceClaims,
    issue_device_token,
    key_thumbprint,
    read_device_token,
)
from kiosk_protocol.errors import CredentialError
from kiosk_protocol.keys import key_set
from tests.kiosk_protocol.hostile_tokens import TOKEN as VISIT_TOKEN
from tests.kiosk_protocol.samples import (
    DEVICE,
    DEVICE_KEY,
    NOON,
    SITE,
    STRANGER_KEY,
    TENANT,
    WITHOUT_CLOCK,
    Part,
    as_bytes,
    kid_of,
    long_id,
    public,
    sign_text,
    sign_token,
    signing_key,
)

ISSUER = signing_key("device tokens")
KEYS = key_set([public(ISSUER)])
CLAIMS = DeviceClaims(
    DEVICE, TENANT, SITE, long_id("token"), NOON, NOON + VALIDITY_S, key_thumbprint(bytes(DEVICE_KEY.verify_key))
)
TOKEN = issue_device_token(CLAIMS, kid_of(ISSUER), ISSUER)
HEADER = {"alg": "EdDSA", "typ": "device+jwt", "kid": kid_of(ISSUER)}
MEMBERS = {
    "sub": CLAIMS.device,
    "tenant_id": CLAIMS.tenant,
    "site_id": CLAIMS.site,
    "token_type": "kiosk",
    "jti": CLAIMS.token_id,
    "iat": CLAIMS.issued_at,
    "exp": CLAIMS.expires,
    "cnf": {"jkt": CLAIMS.key_thumbprint},
}


def refused(token: str, now_s: int = NOON) -> str:
    with pytest.raises(CredentialError) as caught:
        read_device_token(token, KEYS, now_s)
    return caught.value.code


def test_an_issued_token_is_read_until_its_last_second() -> None:
    """At its expiry it is over."""
    assert read_device_token(TOKEN, KEYS, CLAIMS.expires - 1) == CLAIMS
    assert refused(TOKEN, CLAIMS.expires) == "token_expired"


def test_pyjwt_reads_the_same_claims() -> None:
    """With its own rules, an audience aside."""
    key = Ed25519PublicKey.from_public_bytes(KEYS[kid_of(ISSUER)].raw)
    assert jwt.decode(TOKEN, key, algorithms=["EdDSA"], options=WITHOUT_CLOCK) == MEMBERS


def test_a_token_built_by_hand_is_read_too() -> None:
    """So that the refusals below are refusals of what they change."""
    assert read_device_token(sign_token(HEADER, MEMBERS, ISSUER), KEYS, NOON) == CLAIMS


HEAD, BODY, SIGNATURE = TOKEN.split(".")
HEADER_CHANGES: dict[str, dict[str, Any]] = {
    "alg none": {"alg": "none"},
    "alg HS256": {"alg": "HS256"},
    "alg a list": {"alg": ["EdDSA"]},
    "typ JWT": {"typ": "JWT"},
    "typ of a proof": {"typ": "dpop+jwt"},
    "kid a number": {"kid": 1},
    "with crit": {"crit": ["exp"]},
    "with b64": {"b64": False},
    "with jwk": {"jwk": {}},
}
FORMS: dict[str, str] = {
    "empty": "",
    "no segments": "x",
    "a visit token": VISIT_TOKEN,
    "two segments": f"{HEAD}.{BODY}",
    "four segments": f"{TOKEN}.A",
    "padded": f"{TOKEN}==",
    "stray bits in the signature": TOKEN[:-1] + chr(ord(TOKEN[-1]) + 1),
    "not ASCII": TOKEN + "é",
    "a lone surrogate": "\ud800" + TOKEN,
    "too long": sign_token(HEADER, {**MEMBERS, "x": "x" * MAX_TOKEN_CHARACTERS}, ISSUER),
    "header nested without end": sign_token("[" * 2000, MEMBERS, ISSUER),
    "header no JSON": sign_token("no", MEMBERS, ISSUER),
    "kid twice": sign_token(as_bytes(HEADER)[:-1] + b',"kid":"x"}', MEMBERS, ISSUER),
    **{f"header {name}": sign_token({**HEADER, **change}, MEMBERS, ISSUER) for name, change in HEADER_CHANGES.items()},
}


@pytest.mark.parametrize("token", FORMS.values(), ids=FORMS.keys())
def test_another_form_is_refused(token: str) -> None:
    """Header, type and spelling are judged before any signature."""
    assert refused(token) == "token_form"


def test_keys_and_signatures_of_others_are_refused() -> None:
    """An unknown key, and our name under another's signature."""
    assert refused(sign_token({**HEADER, "kid": kid_of(STRANGER_KEY)}, MEMBERS, STRANGER_KEY)) == "token_key"
    assert refused(sign_token(HEADER, MEMBERS, STRANGER_KEY)) == "token_signature"
    assert refused(f"{HEAD}.{BODY}.") == "token_signature"


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in MEMBERS.items() if key != name}


CLAIM_FAULTS: dict[str, Part] = {
    **{f"{name} missing": without(name) for name in MEMBERS},
    **{f"{name} null": {**MEMBERS, name: None} for name in MEMBERS},
    "a user's": {**MEMBERS, "token_type": "user"},
    "sub short": {**MEMBERS, "sub": "x"},
    "tenant with a line feed": {**MEMBERS, "tenant_id": TENANT + "\n"},
    "site long": {**MEMBERS, "site_id": TENANT},
    "exp a text": {**MEMBERS, "exp": "1"},
    "exp a float": {**MEMBERS, "exp": 1e9},
    "iat true": {**MEMBERS, "iat": True},
    "cnf a text": {**MEMBERS, "cnf": "x"},
    "cnf without jkt": {**MEMBERS, "cnf": {}},
    "jkt a number": {**MEMBERS, "cnf": {"jkt": 1}},
    "exp twice": as_bytes(MEMBERS)[:-1] + b',"exp":99999999999}',
    "nested without end": "[" * 2000,
    "a list": "[]",
    "nothing": "",
}


@pytest.mark.parametrize("payload", CLAIM_FAULTS.values(), ids=CLAIM_FAULTS.keys())
def test_signed_claims_of_another_kind_are_refused(payload: Part) -> None:
    """Missing, mistyped, doubled or endless, though the right key signed them."""
    assert refused(sign_token(HEADER, payload, ISSUER)) == "token_claims"


def test_a_foreign_claim_does_no_harm() -> None:
    """A newer server may say more."""
    assert read_device_token(sign_token(HEADER, {**MEMBERS, "new": 1}, ISSUER), KEYS, NOON) == CLAIMS


@given(
    st.text(st.characters(), max_size=60)
    | st.just(HEAD + ".").flatmap(lambda head: st.text(max_size=40).map(head.__add__))
)
@settings(deadline=None)
def test_no_text_raises_anything_else(token: str) -> None:
    """Every text is refused."""
    with pytest.raises(CredentialError):
        read_device_token(token, KEYS, NOON)


@given(st.integers(0, len(TOKEN) - 1), st.characters())
@settings(deadline=None)
def test_no_mutation_is_accepted(place: int, letter: str) -> None:
    """Not even one that spells the same bytes."""
    mutated = TOKEN[:place] + letter + TOKEN[place + 1 :]
    if mutated != TOKEN:
        assert refused(mutated).startswith("token_")


def test_a_line_feed_in_the_signed_text_is_refused() -> None:
    """PyJWT alone would read over it."""
    assert refused(sign_text(f"{HEAD}.{BODY[:10]}\n{BODY[10:]}", ISSUER)) == "token_form"


def test_each_claim_reaches_its_reader() -> None:
    """No two of them are swapped."""
    other = dataclasses.replace(CLAIMS, token_id="another", issued_at=1, expires=NOON + 5)
    assert read_device_token(issue_device_token(other, kid_of(ISSUER), ISSUER), KEYS, NOON) == other
