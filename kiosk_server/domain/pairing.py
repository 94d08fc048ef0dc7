"""The limits of pairing: how long, how often, how many (protocol, "Pairing")."""

from base64 import b32encode
from collections.abc import Callable
from datetime import timedelta
from typing import Final

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
_NAME_BYTES: Final = 10


def draw_digits(random: Callable[[int], bytes]) -> str:
    """Return six decimal digits, leading zeros kept. 128 random bits make the bias of the modulus immeasurable."""
    number = int.from_bytes(random(_RANDOM_BYTES), "big") % 10**CODE_DIGITS
    return f"{number:0{CODE_DIGITS}d}"


def draw_window_name(random: Callable[[int], bytes]) -> str:
    """Return 80 random bits as 16 characters that a person could type: nobody uses up a window they cannot name."""
    return b32encode(random(_NAME_BYTES)).decode("ascii").lower()
