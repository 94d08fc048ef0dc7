"""``atrium-kiosk pair``: the window's pairing without the window."""

import argparse

from kiosk_app.cli.exits import FAILED, OK, answer, complain
from kiosk_app.cli.opening import opened
from kiosk_app.core.errors import SettingsError
from kiosk_app.core.journey import PairingTroubleKind
from kiosk_app.services.enrolment import Enrolled
from kiosk_protocol.pairing import CODE_DIGITS

_SENTENCES = {
    PairingTroubleKind.WRONG_DIGITS: "The server refused these digits, or no pairing window is open for this site.",
    PairingTroubleKind.NO_TRIES_LEFT: "No tries are left; open a new pairing window.",
    PairingTroubleKind.WINDOW_CLOSED: "No pairing window is open for this site.",
    PairingTroubleKind.ADDRESS_UNUSABLE: "This is not the address of a site to pair with.",
    PairingTroubleKind.SERVER_NOT_TRUSTED: "The server is not the one that the set-up code names.",
    PairingTroubleKind.UNREACHABLE: "The server cannot be reached.",
    PairingTroubleKind.NO_ANSWER: "The server did not answer in time.",
    PairingTroubleKind.REVOKED: "This kiosk was revoked.",
}


def main(options: argparse.Namespace) -> int:
    """Make one attempt to pair. Raises SettingsError for what can be no code: the server would count a try for it."""
    if not (len(options.code) == CODE_DIGITS and options.code.isascii() and options.code.isdigit()):
        raise SettingsError(f"The code has {CODE_DIGITS} digits, leading zeros among them.")
    with opened(options) as (household, store):
        identity = store.load_identity()
        if identity is not None:
            complain(f"This kiosk is paired already, with {identity.configuration.site_name}.")
            return FAILED
        outcome = household.enrolment(store).pair(options.setup_code, options.code)
    if isinstance(outcome, Enrolled):
        answer(f"Paired with {outcome.record.configuration.site_name} as device {outcome.record.device}.")
        return OK
    complain(f"{_SENTENCES[outcome.kind]} [{outcome.code.value}]")
    return FAILED
