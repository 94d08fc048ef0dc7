"""The verifier as a whole: never raises, never takes a mutation, and only it can say *verified*."""

import copy
import dataclasses
from collections.abc import Mapping

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.identifiers import SiteId
from kiosk_protocol.keys import PublicKey, key_set
from kiosk_protocol.reasons import CANNOT_DECIDE, Reason
from kiosk_protocol.signing import issue_visit_token
from kiosk_protocol.tokens import TokenRefusal, VerifiedVisitToken, verify_shown_code, verify_visit_token
from kiosk_protocol.transport import to_compact
from tests.kiosk_protocol.samples import (
    CLAIMS,
    OTHER_SITE,
    SITE,
    VISIT_KEY,
    VISIT_KEYS,
    VISIT_KID,
    WITHOUT_CLOCK,
    as_bytes,
    sign_token,
)
from tests.kiosk_protocol.test_claims import visit_claims

TOKEN = issue_visit_token(CLAIMS, VISIT_KID, VISIT_KEY)
COMPACT = to_compact(TOKEN)
LINK = f"https://visit.example/checkin?token={TOKEN}"
PAYLOAD = as_bytes(CLAIMS.to_members())
SHOWN = {"jws": TOKEN, "compact": COMPACT, "link": LINK}
ANY_TEXT = st.text(st.characters(), max_size=60)  # lone surrogates included: a decoder may hand out anything


@pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN.keys())
def test_each_transport_gives_the_same_token(text: str) -> None:
    """Shown as JWS, deep link or compact, it is one token with one text, signature and set of claims."""
    verified = verify_shown_code(text, VISIT_KEYS, SITE)
    assert isinstance(verified, VerifiedVisitToken)
    assert (verified.text, verified.kid, verified.claims) == (TOKEN, VISIT_KID, CLAIMS)
    assert verified == verify_visit_token(TOKEN, VISIT_KEYS, SITE)


@pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN.keys())
def test_a_token_for_another_door_is_refused_with_its_claims(text: str) -> None:
    """The signature was good, so what the token says may be told to staff."""
    assert verify_shown_code(text, VISIT_KEYS, OTHER_SITE) == TokenRefusal(Reason.WRONG_SITE, CLAIMS)


def test_nothing_is_told_of_a_token_before_its_signature_is_good() -> None:
    """An unknown key's refusal carries no claims."""
    assert verify_shown_code(TOKEN, {}, SITE) == TokenRefusal(Reason.UNKNOWN_KEY)


@given(ANY_TEXT | st.tuples(st.sampled_from(["V1:", "https://a/checkin?token=", "eyJ", "eyJ."]), ANY_TEXT).map("".join))
@settings(deadline=None, max_examples=300)
@example("\ud800" * 50)
@example("eyJhbGciOiJFZERTQSJ9." + "\udfff" * 50 + ".A")
@example("V1:\ud800")
@example("https://a/checkin?token=\ud800" + "A" * 40)
@example("https://[/checkin?token=" + "A" * 40)
def test_no_text_is_accepted_or_raises(text: str) -> None:
    """Every text is refused with one of the first reasons, whatever characters it has."""
    for verify in (verify_shown_code, verify_visit_token):
        result = verify(text, VISIT_KEYS, SITE)
        assert isinstance(result, TokenRefusal)
        assert result.reason in {Reason.NOT_A_VISIT_CODE, Reason.MALFORMED}


@given(st.binary(max_size=120), st.binary(max_size=200))
@settings(deadline=None)
def test_no_signed_bytes_raise(header: bytes, payload: bytes) -> None:
    """Bytes at random under a good signature are a refusal too."""
    assert isinstance(verify_visit_token(sign_token(header, payload), VISIT_KEYS, SITE), TokenRefusal)


@given(st.sampled_from(sorted(SHOWN)), st.data())
@settings(deadline=None, max_examples=300)
def test_no_mutation_of_a_valid_code_is_accepted_as_something_else(form: str, data: st.DataObject) -> None:
    """A character replaced, left out, put in or swapped: refused, or (in a link's host) the very same token."""
    text = SHOWN[form]
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters() | st.sampled_from("A-_.=:%&#+ 0"))
    mutated = data.draw(
        st.sampled_from(
            [
                text[:place] + letter + text[place + 1 :],
                text[:place] + text[place + 1 :],
                text[:place] + letter + text[place:],
                text[:place] + text[place : place + 2][::-1] + text[place + 2 :],
                text[:place],
            ]
        )
    )
    result = verify_shown_code(mutated, VISIT_KEYS, SITE)
    if isinstance(result, VerifiedVisitToken):
        assert result.text == TOKEN
        assert mutated == text or form == "link"


def test_every_flipped_bit_of_a_token_is_noticed() -> None:
    """All bits of all characters of the JWS, one at a time."""
    for place in range(len(TOKEN)):
        for bit in range(7):
            mutated = TOKEN[:place] + chr(ord(TOKEN[place]) ^ 1 << bit) + TOKEN[place + 1 :]
            assert isinstance(verify_visit_token(mutated, VISIT_KEYS, SITE), TokenRefusal)


@given(visit_claims(), st.booleans())
@settings(deadline=None)
def test_whatever_we_issue_we_and_pyjwt_accept(claims: VisitClaims, compact: bool) -> None:
    """Issued tokens verify in each transport, with the claims they were issued for, here and in PyJWT."""
    token = issue_visit_token(claims, VISIT_KID, VISIT_KEY)
    verified = verify_shown_code(to_compact(token) if compact else token, VISIT_KEYS, claims.site)
    assert isinstance(verified, VerifiedVisitToken)
    assert verified.claims == claims
    public = Ed25519PublicKey.from_public_bytes(VISIT_KEYS[VISIT_KID].raw)
    assert (
        jwt.decode(token, public, algorithms=["EdDSA"], audience=claims.site, options=WITHOUT_CLOCK)
        == claims.to_members()
    )


def test_a_verified_token_comes_from_the_verifier_alone() -> None:
    """Nobody else can build one, change one, or derive one with other claims."""
    verified = verify_visit_token(TOKEN, VISIT_KEYS, SITE)
    assert isinstance(verified, VerifiedVisitToken)
    with pytest.raises(TypeError, match="verify_visit_token"):
        VerifiedVisitToken(object(), TOKEN, VISIT_KID, CLAIMS, bytes(64))
    with pytest.raises(dataclasses.FrozenInstanceError):
        verified.claims = dataclasses.replace(CLAIMS, revision=9)  # type: ignore[misc]  # the attack itself
    with pytest.raises(ValueError, match="seal"):
        dataclasses.replace(verified, text="other")  # type: ignore[call-arg]  # the attack itself
    assert copy.copy(verified) == verified


def test_a_verified_token_does_not_show_itself() -> None:
    """Neither text nor signature reach a log through ``repr``."""
    assert TOKEN[-20:] not in repr(verify_visit_token(TOKEN, VISIT_KEYS, SITE))


def test_the_key_set_alone_says_whose_signature_counts() -> None:
    """A key that is not among those of the purpose is unknown, even where it made the signature."""
    keys: Mapping[str, PublicKey] = key_set(key for kid, key in VISIT_KEYS.items() if kid != VISIT_KID)
    assert verify_visit_token(TOKEN, keys, SITE) == TokenRefusal(Reason.UNKNOWN_KEY)


def test_time_is_not_the_verifiers_matter() -> None:
    """An ancient token verifies; the admission rule says *expired*."""
    ancient = dataclasses.replace(CLAIMS, not_before=0, expires=3600)
    token = issue_visit_token(ancient, VISIT_KID, VISIT_KEY)
    assert isinstance(verify_visit_token(token, VISIT_KEYS, SITE), VerifiedVisitToken)


def test_a_broken_site_matches_no_token() -> None:
    """A token names its site in 11 characters; nothing else is ever equal to it."""
    assert verify_visit_token(TOKEN, VISIT_KEYS, SiteId("")) == TokenRefusal(Reason.WRONG_SITE, CLAIMS)


def test_reasons_are_a_closed_list_in_order() -> None:
    """Their order is the order in which the first that applies is given; five say nothing about the visitor."""
    assert [reason.value for reason in Reason] == [
        "not_a_visit_code",
        "malformed",
        "unknown_key",
        "bad_signature",
        "wrong_site",
        "trust_expired",
        "clock_suspect",
        "store_unavailable",
        "cancelled",
        "superseded",
        "already_used",
        "expired",
        "too_early",
        "unknown_visit",
        "conflict",
    ]
    assert len(CANNOT_DECIDE) == 5


def test_a_header_is_read_in_the_same_way_in_each_transport() -> None:
    """White space before the header would pass in the compact form alone, where the first letters are not looked at."""
    spaced = sign_token(b" " + as_bytes({"alg": "EdDSA", "typ": "visit+jwt", "kid": VISIT_KID}), CLAIMS.to_members())
    for text in (spaced, to_compact(spaced), f"https://visit.example/checkin?token={spaced}"):
        assert isinstance(verify_shown_code(text, VISIT_KEYS, SITE), TokenRefusal)


def _token_of(characters: int) -> str:
    """Return a valid token of exactly so many characters, made long by white space."""
    for in_header in range(3):
        header = as_bytes({"alg": "EdDSA", "typ": "visit+jwt", "kid": VISIT_KID}) + b" " * in_header
        for in_payload in range(700):
            token_characters = sum((4 * size + 2) // 3 for size in (len(header), len(PAYLOAD) + in_payload, 64)) + 2
            if token_characters == characters:
                return sign_token(header, PAYLOAD + b" " * in_payload)
    raise AssertionError(f"no token has {characters} characters")


@pytest.mark.parametrize("characters", [1022, 1023, 1024])
def test_a_token_of_the_greatest_length_is_read(characters: int) -> None:
    """1,024 characters are allowed."""
    token = _token_of(characters)
    assert len(token) == characters
    assert isinstance(verify_visit_token(token, VISIT_KEYS, SITE), VerifiedVisitToken)


@pytest.mark.parametrize("characters", [1025, 1026, 1027])
def test_a_longer_token_is_not_read(characters: int) -> None:
    """Though its signature and claims are good."""
    token = _token_of(characters)
    assert len(token) == characters
    assert verify_visit_token(token, VISIT_KEYS, SITE) == TokenRefusal(Reason.MALFORMED)
