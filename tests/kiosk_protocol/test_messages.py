"""Bodies of the API: what decodes is in bounds, what does not has a code."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_protocol.errors import EncodingError
from kiosk_protocol.messages import (
    MAX_BODY_BYTES,
    Batch,
    BatchAnswer,
    ClaimAnswer,
    ClaimQuestion,
    Envelope,
    FeedEntry,
    FeedPage,
    ItemAnswer,
    OutboxEntry,
    PairingResult,
    SiteConfiguration,
    StartPairing,
    TimeQuestion,
    decode,
    encode,
)
from kiosk_protocol.pairing_run import SUITE
from tests.kiosk_protocol import shapes

KINDS = [
    Batch,
    BatchAnswer,
    ClaimAnswer,
    ClaimQuestion,
    Envelope,
    FeedPage,
    PairingResult,
    SiteConfiguration,
    StartPairing,
]
LONG, SHORT, KEY, KID = "A" * 22, "B" * 11, "C" * 43, "D" * 8
CHECK_IN = "01920000-0000-7000-8000-000000000000"


def test_members_are_camel_case_on_the_wire() -> None:
    """And come back to their names."""
    question = ClaimQuestion(check_in_id=CHECK_IN, token="t" * 40)
    assert encode(question) == f'{{"checkInId":"{CHECK_IN}","token":"{"t" * 40}"}}'.encode()
    assert decode(encode(question), ClaimQuestion) == question


def test_an_older_reader_passes_over_what_a_newer_server_adds() -> None:
    """Unknown members of unsigned messages are ignored."""
    assert decode(f'{{"nonce":"{LONG}","new":[1]}}'.encode(), TimeQuestion) == TimeQuestion(nonce=LONG)


def test_a_feed_page_and_an_answer_survive_the_wire() -> None:
    """Nothing is lost between encode and decode."""
    entry = FeedEntry(digest=KEY, rev=0, edit=1, state="expected", exp=5, sealed=None)
    page = FeedPage(epoch=LONG, cursor=7, more=False, entries=(entry,))
    assert decode(encode(page), FeedPage) == page
    answer = BatchAnswer(results=(ItemAnswer(check_in_id=CHECK_IN, outcome="accepted"),), acknowledged_sequence=1)
    assert decode(encode(answer), BatchAnswer) == answer


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b'{"suite":"\xff"}', None),
        (b"[" * 100_000, None),
        (b'{"x":' * 100_000, None),
        (b"[]", "wrong_shape"),
        (b"{}", "wrong_shape"),
        (b"null", "wrong_shape"),
        (b" " * (MAX_BODY_BYTES + 1), "too_large"),
    ],
)
def test_garbage_has_a_code(kind: type, data: bytes, code: str | None) -> None:
    """Whatever arrives in place of a body, the answer is an encoding error."""
    with pytest.raises(EncodingError) as caught:
        decode(data, kind)
    assert caught.value.code == code or (code is None and caught.value.code in {"not_json", "wrong_shape"})


@given(st.binary(max_size=80), st.sampled_from(KINDS))
@settings(deadline=None)
def test_bytes_at_random_raise_nothing_else(data: bytes, kind: type) -> None:
    """No other exception than an encoding error."""
    with pytest.raises(EncodingError):
        decode(data, kind)


@pytest.mark.parametrize("nonce", ["", "A" * 21, "A" * 23, "A" * 21 + "+", "A" * 22 + "\\n", "A" * 21 + "Ä"])
def test_an_identifier_of_another_form_is_refused(nonce: str) -> None:
    """A line feed behind it is not overlooked: it would be a second line in what is sealed or signed."""
    with pytest.raises(EncodingError, match="wrong_shape"):
        decode(f'{{"nonce":"{nonce}"}}'.encode(), TimeQuestion)


ENTRY = {"checkInId": CHECK_IN, "sequence": 1, "hash": KEY, "chain": KEY, "sealKid": KID, "sealed": "x"}


@pytest.mark.parametrize(
    "change",
    [
        {"checkInId": CHECK_IN.replace("-7", "-4")},
        {"checkInId": CHECK_IN + "\n"},
        {"sequence": 0},
        {"sequence": True},
        {"sequence": 1.5},
        {"sequence": 2**53},
        {"sequence": 10**30},
        {"hash": KEY[:-1]},
        {"hash": KEY + "\n"},
        {"chain": None},
        {"sealKid": KID + "\n"},
        {"sealed": ""},
        {"sealed": "x" * (64 * 1024 * 4 // 3 + 5)},
    ],
)
def test_an_outbox_entry_out_of_bounds_is_refused(change: dict[str, object]) -> None:
    """Each bound on its own."""
    assert decode(json.dumps(ENTRY).encode(), OutboxEntry)
    with pytest.raises(EncodingError, match="wrong_shape"):
        decode(json.dumps({**ENTRY, **change}).encode(), OutboxEntry)


@pytest.mark.parametrize("count", [0, 51])
def test_a_batch_holds_one_to_fifty_items(count: int) -> None:
    """None and fifty-one are refused."""
    with pytest.raises(EncodingError, match="wrong_shape"):
        decode(json.dumps({"chainId": LONG, "entries": [ENTRY] * count}).encode(), Batch)


def test_a_suite_that_we_do_not_speak_is_refused() -> None:
    """There is one, so that nobody on the way can talk a side into a weaker one."""
    start = {"suite": "tls-1", "sid": LONG, "kioskKey": KEY, "name": "Lobby", "share": KEY}
    with pytest.raises(EncodingError, match="wrong_shape"):
        decode(json.dumps(start).encode(), StartPairing)
    assert decode(json.dumps({**start, "suite": SUITE}).encode(), StartPairing).name == "Lobby"


@pytest.mark.parametrize("window", ["", "a" * 15, "a" * 17, "A" * 16, "1" * 16, "a" * 16 + "\n"])
def test_the_name_of_a_window_is_eighty_bits_in_base32(window: str) -> None:
    start = {"suite": SUITE, "sid": LONG, "kioskKey": KEY, "name": "Lobby", "share": KEY}
    assert decode(json.dumps({**start, "window": "a2" * 8}).encode(), StartPairing).window == "a2" * 8
    with pytest.raises(EncodingError, match="wrong_shape"):
        decode(json.dumps({**start, "window": window}).encode(), StartPairing)


def test_a_text_that_is_not_utf_8_is_not_json() -> None:
    """The decoder's own exception for it does not get out."""
    with pytest.raises(EncodingError, match="not_json"):
        decode(b'{"nonce":"\xff' + b"A" * 21 + b'"}', TimeQuestion)


@pytest.mark.parametrize("colour", ["#12345", "#1234567", "#12345g", "123456", "#123456\n"])
def test_a_brand_colour_is_six_hexadecimal_digits(colour: str) -> None:
    """It ends up in a style sheet, so nothing may stand behind it."""
    settings = {
        "tenantId": LONG,
        "tenantName": "Acme",
        "siteId": SHORT,
        "siteName": "North",
        "timeZone": "Europe/Berlin",
        "languages": ["en"],
        "brandColour": "#12aBcd",
        "unknownVisit": "ask",
        "greatestFeedAgeS": None,
    }
    assert decode(json.dumps(settings).encode(), SiteConfiguration).brand_colour == "#12aBcd"
    with pytest.raises(EncodingError, match="wrong_shape"):
        decode(json.dumps({**settings, "brandColour": colour}).encode(), SiteConfiguration)


def test_shapes_and_limits_are_those_that_were_published() -> None:
    """What kiosks in the field send and expect does not change by accident; shapes.py says how to change it."""
    assert json.loads(shapes.FILE.read_text()) == json.loads(json.dumps(shapes.current()))
