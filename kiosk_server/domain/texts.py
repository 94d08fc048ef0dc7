"""Which texts may be stored as names, addresses, slugs, zones and colours."""

import re
import unicodedata
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kiosk_protocol.pairing import is_slug
from kiosk_server.domain.problems import BadRequestError

SHORTEST_PASSWORD: Final = 10
LONGEST_PASSWORD: Final = 1024
"""Bounds what argon2 has to read; far beyond any passphrase."""
LONGEST_EMAIL: Final = 254
"""RFC 5321 §4.5.3.1.3, without the angle brackets."""

_EMAIL: Final = re.compile(r"[!#$%&'*+/=?^_`{|}~.A-Za-z0-9-]{1,64}@[A-Za-z0-9.-]{1,190}", re.ASCII)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)


def clean_line(text: str, what: str, longest: int = 200) -> str:
    """Return ``text`` as one printable line in NFC, trimmed.

    Raises:
        BadRequestError: ``text`` where nothing is left, it is too long, or it holds control or direction characters.
    """
    line = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(line) <= longest:
        raise BadRequestError("text", f"The {what} must have 1 to {longest} characters.")
    # Cc: line breaks and escapes. Cs: no UTF-8. U+202A..E and U+2066..9 turn the reading direction of what follows.
    if any(
        unicodedata.category(c) in {"Cc", "Cs"} or c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        for c in line
    ):
        raise BadRequestError("text", f"The {what} holds characters that cannot be shown.")
    return line


def clean_optional(text: str | None, what: str) -> str | None:
    """Return ``text`` cleaned, or None where there is none."""
    return clean_line(text, what) if text is not None and text.strip() else None


def clean_email(text: str) -> str:
    """Return an email address in lower case.

    Raises:
        BadRequestError: ``email`` where ``text`` is none we could write to.
    """
    email = text.strip().lower()
    if len(email) > LONGEST_EMAIL or _EMAIL.fullmatch(email) is None:
        raise BadRequestError("email", "This is not an email address.")
    return email


def check_password(password: str) -> None:
    """Accept a new password: at least ten characters, no composition rules (NIST SP 800-63B §5.1.1.2).

    Raises:
        BadRequestError: ``password``.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadRequestError("password", f"A password has at least {SHORTEST_PASSWORD} characters.")


def check_slug(slug: str) -> str:
    """Return ``slug`` if it can name a tenant.

    Raises:
        BadRequestError: ``slug``.
    """
    if not is_slug(slug):
        raise BadRequestError("slug", "A slug has 1 to 63 lower-case letters, digits and inner hyphens.")
    return slug


def time_zone(name: str) -> ZoneInfo:
    """Return the IANA time zone called ``name``.

    Raises:
        BadRequestError: ``time_zone``.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadRequestError("time_zone", "This is no IANA time zone, such as Europe/Vienna.") from None


def check_languages(languages: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``languages`` if they are one to sixteen different language tags.

    Raises:
        BadRequestError: ``languages``.
    """
    known = all(_LANGUAGE.fullmatch(tag) for tag in languages)
    if not known or not 1 <= len(languages) <= 16 or len(set(languages)) != len(languages):
        raise BadRequestError("languages", "Languages are one to sixteen different tags, such as en or de.")
    return languages


def check_colour(colour: str) -> str:
    """Return ``colour`` if it is written #rrggbb.

    Raises:
        BadRequestError: ``colour``.
    """
    if _COLOUR.fullmatch(colour) is None:
        raise BadRequestError("colour", "A colour is written like #1f6f5c.")
    return colour
