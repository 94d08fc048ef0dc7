"""The limits of pairing: how long, how often, how many (protocol, "Pairing")."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from kiosk_protocol.encoding import base64url_decode
from kiosk_protocol.errors import EncodingError
from kiosk_protocol.pairing import CODE_DIGITS, TRIES, WINDOW_S

WINDOW: Final = timedelta(seconds=WINDOW_S)
MOST_TRIES: Final = TRIES
WINDOWS_A_DAY: Final = 10
DAY: Final = timedelta(hours=24)
RUN_KEPT: Final = timedelta(hours=1)
"""A kiosk may repeat its confirmation for as long; after that the run is forgotten."""
MOST_RUNS_KEPT: Final = 1000
"""Unconfirmed runs a site holds at most, so that strangers cannot fill the disk."""

_RANDOM_BYTES: Final = 16


def draw_digits(random: Callable[[int], bytes]) -> str:
    """Return six decimal digits, leading zeros kept. 128 random bits make the bias of the modulus immeasurable."""
    number = int.from_bytes(random(_RANDOM_BYTES), "big") % 10**CODE_DIGITS
    return f"{number:0{CODE_DIGITS}d}"


def read_share(share: str) -> bytes:
    """Return the bytes of a kiosk's share, or none where it is no base64url: then it is simply wrong."""
    try:
        return base64url_decode(share)
    except EncodingError:
        return b""
