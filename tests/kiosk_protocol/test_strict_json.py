"""The strict reader: what it takes, every reader takes and understands alike."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk_protocol.errors import EncodingError
from kiosk_protocol.strict_json import MAX_INTEGER, read_object

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)
WORDS = [
    '"a"',
    '"b"',
    '"\\u0061"',
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    "1.5",
    "-0",
    "01",
    "NaN",
    "true",
    "null",
    str(2**53),
]
FRAGMENTS = st.lists(st.sampled_from('{}[],:"\\-01.e \n\f\ufeffé٣') | st.sampled_from(WORDS), max_size=14).map("".join)


def read(data: bytes, max_bytes: int = 10_000, max_depth: int = 20) -> dict[str, Any]:
    return read_object(data, max_bytes=max_bytes, max_depth=max_depth)


def read_or_none(data: bytes) -> dict[str, Any] | None:
    """Return the object, or None where it is refused; any other exception fails the test."""
    try:
        return read(data)
    except EncodingError:
        return None


def code_of(data: bytes, **limits: int) -> str:
    with pytest.raises(EncodingError) as caught:
        read(data, **limits)
    return caught.value.code


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), PLAIN, max_size=4), st.booleans())
@settings(deadline=None)
def test_plain_json_is_read_as_it_was_written(value: dict[str, Any], ascii_only: bool) -> None:
    """Objects of texts, integers, booleans, null, lists and objects come back equal, spelled either way."""
    assert read(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(FRAGMENTS | FRAGMENTS.map(lambda text: "{" + text + "}") | st.text(max_size=30))
@settings(deadline=None, max_examples=400)
@example('{"a":1,"a":2}')
@example('{"\\u0061":"\\ud83d\\ude00"}')
def test_what_we_accept_the_standard_library_accepts_with_equal_value(text: str) -> None:
    """The strict reader takes a part of JSON, and reads that part like everybody else; it raises nothing of its own."""
    data = text.encode("utf-8", "surrogatepass")
    value = read_or_none(data)
    if value is not None:
        assert json.loads(data) == value
        assert json.dumps(value, ensure_ascii=False).encode("utf-8")


@given(st.binary(max_size=60))
@settings(deadline=None)
def test_bytes_at_random_raise_nothing_else(data: bytes) -> None:
    """Whatever comes, the answer is an object or an encoding error."""
    assert isinstance(read_or_none(data), dict | None)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'\xef\xbb\xbf{"a":1}', "json_utf8"),
        (b'{"a":"\xff"}', "json_utf8"),
        (b'{"a":"\xed\xa0\x80"}', "json_utf8"),
        ('{"a":1}'.encode("utf-16"), "json_utf8"),
        (b'{"a":1,"a":1}', "json_duplicate_member"),
        (b'{"b":{"a":1,"\\u0061":1}}', "json_duplicate_member"),
        (b'{"a":1.0}', "json_number"),
        (b'{"a":1e3}', "json_number"),
        (b'{"a":-0}', "json_number"),
        (b'{"a":NaN}', "json_number"),
        (b'{"a":-Infinity}', "json_number"),
        (b'{"a":9007199254740992}', "json_number"),
        (b'{"a":-9007199254740992}', "json_number"),
        (b'{"a":' + b"9" * 5000 + b"}", "json_number"),
        (b'{"a":"\\ud800"}', "json_surrogate"),
        (b'{"\\udc00":1}', "json_surrogate"),
        (b'{"a":["x",{"b":"\\udfff\\ud800"}]}', "json_surrogate"),
        (b"", "json_syntax"),
        (b"{", "json_syntax"),
        (b'{"a":1}x', "json_syntax"),
        (b'{"a":01}', "json_syntax"),
        ('{"a":٣}'.encode(), "json_syntax"),
        (b'{"a":"\n"}', "json_syntax"),
        (b"{'a':1}", "json_syntax"),
        (b'{"a":1,}', "json_syntax"),
        (b"\x0c{}", "json_syntax"),
        (b"[]", "json_not_object"),
        (b'"a"', "json_not_object"),
        (b"1", "json_not_object"),
        (b"null", "json_not_object"),
    ],
)
def test_a_liberty_is_refused_by_its_name(data: bytes, code: str) -> None:
    """Each thing on which parsers disagree has a code of its own."""
    assert code_of(data) == code


def test_the_greatest_integers_are_read() -> None:
    """2^53-1 in both directions (RFC 7493 §2.2)."""
    assert read(b'{"a":9007199254740991,"b":-9007199254740991,"c":0}') == {"a": MAX_INTEGER, "b": -MAX_INTEGER, "c": 0}


def test_an_escaped_pair_of_surrogates_is_one_character() -> None:
    """Only lone surrogates are refused, at whatever depth."""
    assert read(b'{"a":["\\ud83d\\ude00",1,{"b":null}]}') == {"a": ["😀", 1, {"b": None}]}


def test_size_is_bounded_before_anything_is_read() -> None:
    """One byte more than allowed is too much."""
    assert read(b'{"a":1}', max_bytes=7) == {"a": 1}
    assert code_of(b'{"a":1}', max_bytes=6) == "json_size"


@pytest.mark.parametrize(
    ("data", "depth"),
    [
        (b"{}", 1),
        (b'{"a":[]}', 2),
        (b'{"a":[{}],"b":[{}],"c":{}}', 3),
        (b'{"a":"[[[[{{{{","b":"\\"[[[["}', 1),
        (b'{"a":"]]]]","b":[]}', 2),
        (b'{"\\\\":[[]]}', 3),
        (b'{"a":[[]],"b":[[[]]]}', 4),
    ],
)
def test_nesting_is_bounded_by_depth_not_by_brackets(data: bytes, depth: int) -> None:
    """Brackets in texts do not count, nor do brackets side by side."""
    assert read(data, max_depth=depth) == json.loads(data)
    if depth > 1:
        assert code_of(data, max_depth=depth - 1) == "json_depth"


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":' * 100_000, b'{"a":"' + b"[" * 99_000, b'"' + b"\\" * 99_001])
def test_endless_nesting_does_not_reach_the_parser(data: bytes) -> None:
    """A hundred thousand brackets, or a text that never ends, are refused without a recursion error."""
    assert code_of(data, max_bytes=1_000_000) in {"json_depth", "json_syntax"}
