"""Every hostile token of the table gets its reason, and the accepted ones are accepted by PyJWT too."""

import base64

import jwt
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kiosk_protocol.reasons import Reason
from kiosk_protocol.tokens import TokenRefusal, VerifiedVisitToken, verify_shown_code, verify_visit_token
from tests.kiosk_protocol.hostile_tokens import HOSTILE, VARIANTS, Variant
from tests.kiosk_protocol.samples import SITE, VISIT_KEYS, WITHOUT_CLOCK


def _reason(result: VerifiedVisitToken | TokenRefusal) -> Reason | None:
    return result.reason if isinstance(result, TokenRefusal) else None


def test_the_table_is_large_and_its_names_differ() -> None:
    """At least 80 variants are refused, some accepted, and each has a name of its own."""
    assert sum(variant.reason is not None for variant in VARIANTS) >= 80
    assert sum(variant.reason is None for variant in VARIANTS) >= 10
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS)


def test_of_the_validly_signed_hostile_variants_one_is_accepted() -> None:
    """Far more than 80 of them bear a trusted key's signature over exactly their text; the token as issued passes."""
    signed = [variant for variant in HOSTILE if _is_validly_signed(variant.text)]
    assert len(signed) > 150
    accepted = [v.name for v in signed if _reason(verify_shown_code(v.text, VISIT_KEYS, SITE)) is None]
    assert accepted == ["as issued"]


def _is_validly_signed(text: str) -> bool:
    """Whether a trusted key signed what stands before the last dot, by OpenSSL and a lenient reading of base64."""
    signed, _, signature = text.encode("utf-8", "surrogatepass").rpartition(b".")
    try:
        raw = base64.urlsafe_b64decode(signature + b"==")
    except ValueError:
        return False
    return any(_verifies(key.raw, raw, signed) for key in VISIT_KEYS.values())


def _verifies(key: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_a_shown_token_gets_its_reason(variant: Variant) -> None:
    """Shown to the camera, a hostile token is refused with exactly the reason the table names."""
    assert _reason(verify_shown_code(variant.text, VISIT_KEYS, SITE)) == variant.reason


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_the_verifier_alone_agrees(variant: Variant) -> None:
    """Handed straight to the verifier, the same text meets the same end; somebody else's code is malformed there."""
    expected = Reason.MALFORMED if variant.reason is Reason.NOT_A_VISIT_CODE else variant.reason
    assert _reason(verify_visit_token(variant.text, VISIT_KEYS, SITE)) == expected


@pytest.mark.parametrize("variant", [v for v in VARIANTS if v.reason is None], ids=lambda variant: variant.name)
def test_what_we_accept_pyjwt_accepts_with_equal_claims(variant: Variant) -> None:
    """An accepted token says the same to an independent JWT library."""
    token = verify_shown_code(variant.text, VISIT_KEYS, SITE)
    assert isinstance(token, VerifiedVisitToken)
    public = Ed25519PublicKey.from_public_bytes(VISIT_KEYS[token.kid].raw)
    members = jwt.decode(variant.text, public, algorithms=["EdDSA"], audience=SITE, options=WITHOUT_CLOCK)
    assert members == token.claims.to_members()
