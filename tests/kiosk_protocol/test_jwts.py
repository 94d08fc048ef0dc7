"""The frame around PyJWT: what is refused before PyJWT sees it, and by which word."""

from typing import Any

import pytest

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import EncodingError
from kiosk_protocol.jwts import is_signed_by, read_payload, read_unverified_header
from tests.kiosk_protocol.samples import STRANGER_KEY, VISIT_KEY, public, sign_token

HEADER = {"alg": "EdDSA", "typ": "any+jwt"}
TOKEN = sign_token(HEADER, {"a": 1})


def code_of(token: str, max_characters: int = 1000) -> str:
    with pytest.raises(EncodingError) as caught:
        read_unverified_header(token, max_characters)
    return caught.value.code


def test_a_header_is_read_up_to_the_allowed_length() -> None:
    """One character less allowed is too long."""
    assert read_unverified_header(TOKEN, len(TOKEN)) == HEADER
    assert code_of(TOKEN, len(TOKEN) - 1) == "not_a_jws"


@pytest.mark.parametrize("token", ["", "A", "e30.e30", f"{TOKEN}.AAAA"])
def test_other_than_three_segments_are_no_token(token: str) -> None:
    """None, one, two or four."""
    assert code_of(token) == "not_a_jws"


@pytest.mark.parametrize("algorithm", ["none", "HS256", "eddsa", None, ["EdDSA"]])
def test_the_algorithm_is_not_the_tokens_to_say(algorithm: Any) -> None:
    """Whatever the header says but EdDSA is refused, whoever signed."""
    assert code_of(sign_token(HEADER | {"alg": algorithm}, {"a": 1})) == "algorithm"


def test_members_may_be_objects_and_no_deeper() -> None:
    """``cnf`` and ``jwk`` are one level down; nothing is two."""
    assert read_unverified_header(sign_token(HEADER | {"jwk": {"x": "y"}}, {}), 1000)["jwk"] == {"x": "y"}
    assert code_of(sign_token(HEADER | {"jwk": {"x": []}}, {})) == "json_depth"
    assert read_payload(sign_token(HEADER, {"cnf": {"jkt": "z"}})) == {"cnf": {"jkt": "z"}}
    with pytest.raises(EncodingError, match="json_depth"):
        read_payload(sign_token(HEADER, {"cnf": {"jkt": []}}))


def test_a_signature_is_good_or_it_is_not() -> None:
    """The answer is a truth value, for whatever has three segments."""
    assert is_signed_by(TOKEN, public(VISIT_KEY)) is True
    assert is_signed_by(TOKEN, public(STRANGER_KEY)) is False
    head, body, _ = TOKEN.split(".")
    for signature in ("", base64url_encode(bytes(63)), base64url_encode(bytes(64)), "é"):
        assert is_signed_by(f"{head}.{body}.{signature}", public(VISIT_KEY)) is False
