"""The one JSON reader for signed bytes (RFC 8259 with every liberty taken away).

Signed documents and token segments are read here and nowhere else. Two readers that disagree about one text are two
opinions about what was signed, so whatever parsers are known to disagree on is refused.
"""

import json
import re
from typing import Any, NoReturn

from kiosk_protocol.errors import EncodingError

MAX_INTEGER = 2**53 - 1
"""RFC 7493 §2.2: beyond this, readers in other languages round."""

_WHITE_SPACE = " \t\n\r"
"""RFC 8259 §2: these four and no other."""


def _refuse(_: str) -> NoReturn:
    raise EncodingError("json_number")


def _integer(text: str) -> int:
    # Judged by length before conversion: int() of a huge text is slow, and beyond 4,300 digits raises.
    if len(text) > 17 or text == "-0":
        raise EncodingError("json_number")
    number = int(text)
    if not -MAX_INTEGER <= number <= MAX_INTEGER:
        raise EncodingError("json_number")
    return number


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # RFC 7515 §4, RFC 7519 §4, RFC 7493 §2.3: with duplicate members, who reads first and who reads last see two texts.
    members = dict(pairs)
    if len(members) != len(pairs):
        raise EncodingError("json_duplicate_member")
    return members


_STRING_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)


def _check_depth(text: str, max_depth: int) -> None:
    """Bound nesting by counting brackets outside strings, before the recursive parser sees the text."""
    # Whoever opens few brackets does not nest deeply, wherever they stand; that spares most texts the walk.
    if text.count("{") + text.count("[") <= max_depth:
        return
    depth = 0
    for part in _STRING_OR_BRACKET.findall(text):
        if part in "[{":
            depth += 1
            if depth > max_depth:
                raise EncodingError("json_depth")
        elif part in "]}":
            depth -= 1


def _check_text(value: Any) -> None:
    """Refuse lone surrogates, which no UTF-8 can carry, in member names and strings."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise EncodingError("json_surrogate") from None
    elif isinstance(value, dict):
        for name, member in value.items():
            _check_text(name)
            _check_text(member)
    elif isinstance(value, list):
        for item in value:
            _check_text(item)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_float=_refuse, parse_constant=_refuse, parse_int=_integer, strict=True
)


def read_object(data: bytes, *, max_bytes: int, max_depth: int) -> dict[str, Any]:
    """Return the JSON object in ``data``.

    Args:
        data: UTF-8 without byte order mark.
        max_bytes: Longest text read at all.
        max_depth: Deepest nesting, the object itself counting as 1.

    Raises:
        EncodingError: ``json_size``, ``json_utf8``, ``json_depth``, ``json_duplicate_member``, ``json_number`` (a
            float, -0, NaN or beyond 2^53-1), ``json_surrogate``, ``json_syntax`` or ``json_not_object``.
    """
    if len(data) > max_bytes:
        raise EncodingError("json_size")
    # RFC 8725 §3.7: UTF-8 and nothing else.
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise EncodingError("json_utf8") from None
    if text.startswith("\ufeff"):
        raise EncodingError("json_utf8")
    _check_depth(text, max_depth)
    text = text.strip(_WHITE_SPACE)
    try:
        value, end = _DECODER.raw_decode(text)
    except json.JSONDecodeError:
        raise EncodingError("json_syntax") from None
    if end != len(text):
        raise EncodingError("json_syntax")
    if not isinstance(value, dict):
        raise EncodingError("json_not_object")
    # The text was valid UTF-8, so a lone surrogate can only come from an escape.
    if "\\u" in text:
        _check_text(value)
    return value
