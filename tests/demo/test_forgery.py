"""The demo's forgeries are refused by the real verifier, each for the reason the tour expects."""

from pathlib import Path

import pytest
from nacl.signing import SigningKey

from demo import forgery
from kiosk_app.camera.decoders import Decoder
from kiosk_app.camera.pictures import Unreadable, read_grey
from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.identifiers import SiteId, VisitId, VisitorId, key_id_of
from kiosk_protocol.keys import PublicKey, key_set, load_public_key
from kiosk_protocol.reasons import Reason
from kiosk_protocol.signing import issue_visit_token
from kiosk_protocol.tokens import TokenRefusal, VerifiedVisitToken, verify_shown_code

KEY = SigningKey(b"\x11" * 32)
KID = key_id_of(bytes(KEY.verify_key))
SITE = SiteId("AAAAAAAAAAA")
CLAIMS = VisitClaims(VisitId("v" * 22), VisitorId("w" * 22), SITE, 1_790_000_000, 1_790_007_200)


@pytest.fixture
def keys() -> dict[str, PublicKey]:
    return dict(key_set([load_public_key(KID, base64url_encode(bytes(KEY.verify_key)))]))


def test_the_original_is_good_and_its_picture_is_read(tmp_path: Path, keys: dict[str, PublicKey]) -> None:
    """What the demo writes as a picture comes back as the very token."""
    path = forgery.write_visit_code(issue_visit_token(CLAIMS, KID, KEY), tmp_path / "code.png")
    picture = read_grey(path)
    assert not isinstance(picture, Unreadable)
    (symbol,) = Decoder().read(picture)
    assert isinstance(verify_shown_code(symbol.text, keys, SITE), VerifiedVisitToken)


def test_a_tampered_code_has_a_bad_signature(keys: dict[str, PublicKey]) -> None:
    """One character of the visitor is another; the signature is the original's."""
    answer = verify_shown_code(forgery.tampered(issue_visit_token(CLAIMS, KID, KEY)), keys, SITE)
    assert answer == TokenRefusal(Reason.BAD_SIGNATURE)


def test_a_code_by_another_key_is_unknown(keys: dict[str, PublicKey]) -> None:
    """It is well-formed in all but the key."""
    answer = verify_shown_code(forgery.by_unknown_key(SITE, 1_790_000_000, 1_790_003_600), keys, SITE)
    assert answer == TokenRefusal(Reason.UNKNOWN_KEY)


def test_a_foreign_symbol_is_not_a_visit_code(keys: dict[str, PublicKey]) -> None:
    """A menu's address is nobody's fault."""
    assert verify_shown_code(forgery.FOREIGN_TEXT, keys, SITE) == TokenRefusal(Reason.NOT_A_VISIT_CODE)
