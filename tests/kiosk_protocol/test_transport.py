"""From the text of a symbol to a JWS, and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_protocol.encoding import base45_decode, base45_encode, base64url_encode
from kiosk_protocol.errors import EncodingError
from kiosk_protocol.reasons import Reason
from kiosk_protocol.signing import issue_visit_token
from kiosk_protocol.transport import COMPACT_PREFIX, MAX_LINK_CHARACTERS, read_shown_code, to_compact
from tests.kiosk_protocol.samples import CLAIMS, VISIT_KEY, VISIT_KID

TOKEN = issue_visit_token(CLAIMS, VISIT_KID, VISIT_KEY)
COMPACT = to_compact(TOKEN)
FOREIGN = Reason.NOT_A_VISIT_CODE
MALFORMED = Reason.MALFORMED


def jws(header: bytes, payload: bytes, signature: bytes) -> str:
    return ".".join(base64url_encode(part) for part in (header, payload, signature))


@given(st.binary(min_size=1, max_size=255), st.binary(min_size=1, max_size=300), st.binary(min_size=64, max_size=64))
@settings(deadline=None)
def test_the_compact_form_brings_back_the_jws_bit_for_bit(header: bytes, payload: bytes, signature: bytes) -> None:
    """Whatever header, payload and signature are."""
    token = jws(header, payload, signature)
    assert read_shown_code(to_compact(token)) == token


def test_the_compact_form_has_the_layout_of_the_protocol() -> None:
    """Header length in one byte, payload length in two, big endian, then the three parts."""
    data = base45_decode(COMPACT.removeprefix(COMPACT_PREFIX))
    header, payload = data[3 : 3 + data[0]], data[3 + data[0] : -64]
    assert int.from_bytes(data[1:3], "big") == len(payload)
    assert jws(header, payload, data[-64:]) == TOKEN


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", max_size=300))
@settings(deadline=None)
def test_a_compact_text_is_malformed_or_the_only_spelling(body: str) -> None:
    """What is read back from the compact form encodes to the very same text."""
    token = read_shown_code(COMPACT_PREFIX + body)
    assert token is MALFORMED or (isinstance(token, str) and to_compact(token) == COMPACT_PREFIX + body)


def compact(data: bytes) -> str:
    return COMPACT_PREFIX + base45_encode(data)


BODY = base45_decode(COMPACT.removeprefix(COMPACT_PREFIX))


@pytest.mark.parametrize(
    "text",
    [
        "V1:",
        "V1:a",
        "V1:ÄÖ",
        compact(b""),
        compact(b"\1"),
        compact(BODY[:-1]),
        compact(BODY + b"\0"),
        compact(bytes([BODY[0] + 1]) + BODY[1:]),
        compact(bytes([0]) + BODY[1:3] + BODY[3 + BODY[0] :]),
        compact(BODY[:1] + bytes(2) + BODY[3 : 3 + BODY[0]] + BODY[-64:]),
        compact(b"\1" + (703).to_bytes(2, "big") + bytes(1 + 703 + 64)),
        COMPACT + "0" * 1200,
        COMPACT.lower().replace("v1:", "V1:"),
        COMPACT + "\n",
        "V1:V1:" + COMPACT,
    ],
)
def test_a_compact_text_in_any_other_form_is_malformed(text: str) -> None:
    """It claims to be ours: wrong lengths, empty parts, bytes left over, or too long."""
    assert read_shown_code(text) is MALFORMED


@pytest.mark.parametrize(
    "link",
    [
        f"https://visit.example/checkin?token={TOKEN}",
        f"http://visit.example/checkin?token={TOKEN}",
        f"https://visit.example:8443/a/b/checkin?token={TOKEN}",
        f"https://visit.example/checkin?lang=de&token={TOKEN}&x=",
        f"https://visit.example/checkin?token={TOKEN}#top",
        f"https://visit.example/checkin?token={TOKEN.replace('.', '%2E')}",
    ],
)
def test_a_deep_link_gives_its_token(link: str) -> None:
    """On any host and below any path; nothing is fetched from there."""
    assert read_shown_code(link) == TOKEN


def test_a_link_may_be_as_long_as_2048_characters() -> None:
    """One more is somebody else's."""
    link = f"https://visit.example/checkin?token={TOKEN}&x="
    assert read_shown_code(link.ljust(2048, "y")) == TOKEN
    assert read_shown_code(link.ljust(2049, "y")) is FOREIGN


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        (f"https://visit.example/other?token={TOKEN}", FOREIGN),
        (f"https://visit.example/mycheckin?token={TOKEN}", FOREIGN),
        (f"https://visit.example/checkin/?token={TOKEN}", FOREIGN),
        (f"https://checkin?token={TOKEN}", FOREIGN),
        (f"https:///checkin?token={TOKEN}", FOREIGN),
        ("https://visit.example/checkin", FOREIGN),
        ("https://visit.example/checkin?", FOREIGN),
        (f"https://visit.example/checkin?Token={TOKEN}", FOREIGN),
        (f"https://visit.example/checkin#?token={TOKEN}", FOREIGN),
        (f"https://visit.example/page?next=/checkin?token={TOKEN}", FOREIGN),
        (f"https://visit.example/checkin?{'a=b&' * 8}token={TOKEN}", FOREIGN),
        (f"https://visit.example/checkin?token={TOKEN}&x={'y' * MAX_LINK_CHARACTERS}", FOREIGN),
        ("https://visit.example/checkin?token=", MALFORMED),
        ("https://visit.example/checkin?token=short", MALFORMED),
        (f"https://visit.example/checkin?token={'A' * 1025}", MALFORMED),
        (f"https://visit.example/checkin?token={TOKEN}&token={TOKEN}", MALFORMED),
    ],
)
def test_other_links_are_somebody_elses_or_broken(link: str, reason: Reason) -> None:
    """A link without our path and member is no visit code; with them, but no single token of readable size, broken."""
    assert read_shown_code(link) is reason


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "hello",
        "https://example.org",
        "WIFI:T:WPA;S:lobby;P:secret;;",
        "www.example.com",
        "evil.example.org",
        "v1:ABC",
        "BEGIN:VCARD",
        "4006381333931",
        "ey",
        "eyJhbGciOiJFZERTQSJ9",
        TOKEN[1:],
        f" {TOKEN}",
        "\ud800",
    ],
)
def test_somebody_elses_symbol_is_no_visit_code(text: str) -> None:
    """Links, WiFi cards, barcodes and texts do not claim to be ours."""
    assert read_shown_code(text) is FOREIGN


@pytest.mark.parametrize("text", ["eyJ.", "eyJhbGciOiJub25lIn0.e30.", TOKEN + "A" * 1024])
def test_a_jws_of_unreadable_size_is_malformed(text: str) -> None:
    """It begins like a JOSE header, so it claims to be a token."""
    assert read_shown_code(text) is MALFORMED


def test_a_jws_is_handed_on_as_it_is() -> None:
    """Unjudged, to the verifier."""
    assert read_shown_code(TOKEN) == TOKEN
    assert read_shown_code(TOKEN + "\n") == TOKEN + "\n"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b",
        f"{TOKEN}.A",
        f"{TOKEN}=",
        jws(b"", b"{}", bytes(64)),
        jws(b"{}", b"", bytes(64)),
        jws(b"{}", b"{}", bytes(63)),
        jws(bytes(256), b"{}", bytes(64)),
        jws(b"{}", bytes(700), bytes(64)),
        "\ud800.a.b",
    ],
)
def test_only_what_can_be_read_again_is_made_compact(token: str) -> None:
    """Anything but three canonical segments of readable size is refused when the code is made, not at the door."""
    with pytest.raises(EncodingError, match="not_a_jws"):
        to_compact(token)


def test_the_compact_form_fits_a_symbol_two_versions_smaller() -> None:
    """In alphanumeric mode at level M, version 11 holds 366 characters and version 12 holds 419."""
    assert len(COMPACT) <= 366


@pytest.mark.parametrize("before", ["", "https://visit.example/checkin?token="])
def test_a_token_of_40_to_1024_characters_is_read(before: str) -> None:
    """Both ends included, as JWS and in a link; what it says is not looked at here."""
    for characters in (40, 1024):
        text = "eyJ.".ljust(characters, "A")
        assert read_shown_code(before + text) == text
    for characters in (39, 1025):
        assert read_shown_code(before + "eyJ.".ljust(characters, "A")) is MALFORMED


def test_a_compact_code_of_1024_characters_is_read() -> None:
    """Its payload has more bytes than one byte can count; with one byte more it is too long for the verifier."""
    longest = jws(b"h" * 10, b"p" * 691, b"s" * 64)
    assert len(longest) == 1024
    assert read_shown_code(to_compact(longest)) == longest
    sizes = bytes((10,)) + (692).to_bytes(2, "big")
    longer = COMPACT_PREFIX + base45_encode(sizes + b"h" * 10 + b"p" * 692 + b"s" * 64)
    assert read_shown_code(longer) is MALFORMED


def test_a_header_as_long_as_one_byte_can_count_is_carried() -> None:
    """255 bytes, and not one more."""
    token = jws(b"h" * 255, b"p", b"s" * 64)
    assert read_shown_code(to_compact(token)) == token
    with pytest.raises(EncodingError, match="not_a_jws"):
        to_compact(jws(b"h" * 256, b"p", b"s" * 64))
