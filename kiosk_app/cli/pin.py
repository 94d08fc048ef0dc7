"""``atrium-kiosk pin``: set the six digits that open the staff's page, typed twice, or one line of standard input."""

import argparse
import secrets
import sys
from getpass import getpass

from kiosk_app.cli.exits import FAILED, OK, answer, complain
from kiosk_app.cli.opening import paths_of
from kiosk_app.store.staff_pin import StaffPin
from kiosk_app.system_clock import SystemClock


def main(options: argparse.Namespace) -> int:
    """Set the PIN. Also beside a running kiosk, which uses it from then on."""
    if sys.stdin.isatty():
        pin = getpass("New PIN, six digits: ")
        if getpass("Once more: ") != pin:
            complain("These were not the same. The PIN is as it was.")
            return FAILED
    else:
        pin = sys.stdin.readline().rstrip("\n")
    StaffPin(paths_of(options).keys, SystemClock(), secrets.token_bytes).set(pin)
    answer("The PIN is set. Press the site's name on the kiosk five times within three seconds to use it.")
    return OK
