"""DPoP proofs: this request, this token, this key, and no other."""

from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_protocol.device_tokens import key_thumbprint, public_jwk
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import CredentialError
from kiosk_protocol.proofs import MAX_PROOF_CHARACTERS, CheckedProof, access_token_hash, check_proof, make_proof
from tests.kiosk_protocol.samples import DEVICE_KEY, NOON, STRANGER_KEY, WITHOUT_CLOCK, Part, as_bytes, sign_token
from tests.kiosk_protocol.test_device_tokens import TOKEN
from tests.kiosk_protocol.test_keys import WEAK_POINTS

URL = "https://door.example/api/v1/kiosk/check-ins"
AIM: dict[str, Any] = {"method": "POST", "url": URL, "access_token": TOKEN}
PUBLIC = bytes(DEVICE_KEY.verify_key)
HEADER: dict[str, Any] = {"alg": "EdDSA", "typ": "dpop+jwt", "jwk": public_jwk(PUBLIC)}
MEMBERS: dict[str, Any] = {"jti": "proof-0001", "htm": "POST", "htu": URL, "iat": NOON, "ath": access_token_hash(TOKEN)}
PROOF = make_proof(DEVICE_KEY, **AIM, proof_id="proof-0001", issued_at_s=NOON)
CHECKED = CheckedProof(key_thumbprint(PUBLIC), "proof-0001")


def refused(proof: str, **changes: Any) -> str:
    with pytest.raises(CredentialError) as caught:
        check_proof(proof, **{**AIM, **changes})
    return caught.value.code


def by_hand(payload: Part, header: Part = HEADER) -> str:
    return sign_token(header, payload, DEVICE_KEY)


def test_a_proof_names_its_key_and_itself() -> None:
    """Made by us or by hand, it gives the thumbprint that the token's ``cnf`` must hold."""
    assert check_proof(PROOF, **AIM) == CHECKED
    assert check_proof(by_hand(MEMBERS), **AIM) == CHECKED


def test_pyjwt_reads_the_same_proof() -> None:
    """By its rules for a JWT."""
    key = Ed25519PublicKey.from_public_bytes(PUBLIC)
    assert jwt.decode(PROOF, key, algorithms=["EdDSA"], options=WITHOUT_CLOCK) == MEMBERS
    assert jwt.get_unverified_header(PROOF) == HEADER


@pytest.mark.parametrize(
    "change",
    [
        {"method": "GET"},
        {"method": "post"},
        {"url": URL + "/"},
        {"url": URL.replace("https", "http")},
        {"url": URL.replace("door", "doom")},
        {"access_token": TOKEN[:-1]},
    ],
)
def test_a_proof_is_good_for_its_own_request_alone(change: dict[str, str]) -> None:
    """Another method, address or token is another request."""
    assert refused(PROOF, **change) == "proof_aim"


def test_a_nonce_that_was_asked_for_must_be_there() -> None:
    """And be the one asked for; unasked, it does no harm."""
    with_nonce = make_proof(DEVICE_KEY, **AIM, proof_id="proof-0002", issued_at_s=NOON, nonce="n-1")
    assert check_proof(with_nonce, **AIM, nonce="n-1").proof_id == "proof-0002"
    assert check_proof(with_nonce, **AIM) == CheckedProof(key_thumbprint(PUBLIC), "proof-0002", "n-1")
    assert refused(with_nonce, nonce="n-2") == "proof_nonce"
    assert refused(PROOF, nonce="n-1") == "proof_nonce"


def test_the_longest_nonce_is_read() -> None:
    """128 characters are allowed."""
    assert check_proof(by_hand(MEMBERS | {"nonce": "n" * 128}), **AIM).nonce == "n" * 128


@pytest.mark.parametrize("nonce", [7, True, [], {}, "n" * 129])
def test_a_nonce_is_a_short_text(nonce: object) -> None:
    """It goes back into comparisons and logs."""
    assert refused(by_hand(MEMBERS | {"nonce": nonce})) == "proof_claims"


HEADER_CHANGES: dict[str, dict[str, Any]] = {
    "alg none": {"alg": "none"},
    "typ JWT": {"typ": "JWT"},
    "with a kid": {"kid": "x"},
    "with crit": {"crit": []},
    "jwk a text": {"jwk": "x"},
    "jwk null": {"jwk": None},
    "jwk with its private half": {"jwk": {**HEADER["jwk"], "d": base64url_encode(bytes(DEVICE_KEY))}},
    "jwk without a curve": {"jwk": {"kty": "OKP", "x": HEADER["jwk"]["x"]}},
}
FORMS: dict[str, str] = {
    "empty": "",
    "a device token": TOKEN,
    "padded": f"{PROOF}==",
    "stray bits": PROOF[:-1] + chr(ord(PROOF[-1]) + 1),
    "a lone surrogate": "\ud800" + PROOF,
    "too long": by_hand({**MEMBERS, "x": "x" * MAX_PROOF_CHARACTERS}),
    "header nested without end": by_hand(MEMBERS, "[" * 1000),
    "jwk twice": by_hand(MEMBERS, as_bytes(HEADER)[:-1] + b',"jwk":{}}'),
    **{f"header {name}": by_hand(MEMBERS, {**HEADER, **change}) for name, change in HEADER_CHANGES.items()},
}


@pytest.mark.parametrize("proof", FORMS.values(), ids=FORMS.keys())
def test_another_form_is_refused(proof: str) -> None:
    """One well-formed proof with exactly a public key in it."""
    assert refused(proof) == "proof_form"


JWK_FAULTS: dict[str, dict[str, Any]] = {
    "another type": {"kty": "EC"},
    "another curve": {"crv": "X25519"},
    "x a number": {"x": 1},
    "x short": {"x": "AAAA"},
    "x padded": {"x": HEADER["jwk"]["x"] + "="},
    **{f"x {name}": {"x": base64url_encode(raw)} for name, raw in WEAK_POINTS.items()},
}


@pytest.mark.parametrize("change", JWK_FAULTS.values(), ids=JWK_FAULTS.keys())
def test_a_key_that_is_none_proves_nothing(change: dict[str, Any]) -> None:
    """Under a point of small order one signature would fit every request."""
    assert refused(by_hand(MEMBERS, {**HEADER, "jwk": {**HEADER["jwk"], **change}})) == "proof_key"


def test_a_proof_signed_by_another_than_its_key_is_refused() -> None:
    """The key in the header is not the signer's."""
    assert refused(sign_token(HEADER, MEMBERS, STRANGER_KEY)) == "proof_signature"


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in MEMBERS.items() if key != name}


CLAIM_FAULTS: dict[str, Part] = {
    **{f"{name} missing": without(name) for name in MEMBERS},
    "jti a number": {**MEMBERS, "jti": 12345678},
    "jti short": {**MEMBERS, "jti": "1234567"},
    "jti long": {**MEMBERS, "jti": "x" * 65},
    "htu twice": as_bytes(MEMBERS)[:-1] + f',"htu":"{URL}"}}'.encode(),
    "nested without end": "[" * 1000,
    "a list": "[]",
}


@pytest.mark.parametrize("payload", CLAIM_FAULTS.values(), ids=CLAIM_FAULTS.keys())
def test_claims_of_another_kind_are_refused(payload: Part) -> None:
    """A proof is signed by whoever sends it, so its payload is as hostile as any."""
    assert refused(by_hand(payload)) == "proof_claims"


@pytest.mark.parametrize("size", [8, 64])
def test_a_proofs_name_has_8_to_64_characters(size: int) -> None:
    """Long enough to be random, short enough to be remembered."""
    assert check_proof(by_hand({**MEMBERS, "jti": "x" * size}), **AIM).proof_id == "x" * size


@pytest.mark.parametrize("name", ["htm", "htu", "ath"])
@pytest.mark.parametrize("value", [None, 1, ["x"], {}, ""])
def test_an_aim_of_another_type_is_no_aim(name: str, value: object) -> None:
    """Nothing equals a method, an address or a hash but the very text."""
    assert refused(by_hand({**MEMBERS, name: value})) == "proof_aim"


@pytest.mark.parametrize("iat", [0, NOON + 10**6, "yesterday", None])
def test_the_kiosks_clock_is_not_judged(iat: object) -> None:
    """It may be wrong, and the server's nonce bounds a proof's life."""
    assert check_proof(by_hand({**MEMBERS, "iat": iat}), **AIM) == CHECKED


def test_an_access_token_that_is_none_has_no_hash() -> None:
    """Without a traceback."""
    assert refused(PROOF, access_token="\ud800") == "token_form"


@given(st.text(st.characters(), max_size=80))
@settings(deadline=None)
def test_no_text_raises_anything_else(proof: str) -> None:
    """Every text is refused."""
    assert refused(proof) == "proof_form"


@given(st.binary(max_size=80), st.binary(max_size=80))
@settings(deadline=None)
def test_no_signed_bytes_raise_anything_else(header: bytes, payload: bytes) -> None:
    """Header and payload at random, signed by somebody."""
    assert refused(sign_token(header, payload, STRANGER_KEY)) == "proof_form"
    assert refused(by_hand(payload)) == "proof_claims"
