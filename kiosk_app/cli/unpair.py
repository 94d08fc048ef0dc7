"""``atrium-kiosk unpair``: take this kiosk from its site, as the staff's page does; no record is lost."""

import argparse
import sys
from typing import Final

from kiosk_app.cli.exits import FAILED, OK, answer, complain
from kiosk_app.cli.opening import opened
from kiosk_app.core.checkin import Identity
from kiosk_app.core.staff_desk import StillWaiting
from kiosk_app.services.unpairing import unpair

WORD: Final = "unpair"


def main(options: argparse.Namespace) -> int:
    """Forget the pairing, after ``--yes`` or the word typed. Refused while check-ins wait unsent, unless they are kept.

    A kiosk that is not paired is left as it is, and that is well: so a script may ask twice.
    """
    with opened(options) as (household, store):
        identity = store.load_identity()
        if identity is None:
            answer("This kiosk is not paired.")
            return OK
        if not (options.yes or _is_meant(identity)):
            complain("Nothing was changed.")
            return FAILED
        outcome = unpair(household.unpairing(store), keep_aside=options.keep)
    if isinstance(outcome, StillWaiting):
        complain(
            f"Not unpaired. Check-ins not sent yet: {outcome.count}. Send them first with atrium-kiosk sync, "
            "or let --keep put them aside, sealed."
        )
        return FAILED
    kept = f"The sealed check-ins are kept in {outcome.where}, their key in the key folder."
    kept += " The kiosk hands them over by itself while it runs, or with atrium-kiosk sync."
    answer(f"Unpaired. {kept if outcome.where else 'Nothing was left to send.'}")
    answer("Revoke the kiosk in the dashboard as well.")
    return OK


def _is_meant(identity: Identity) -> bool:
    name = identity.configuration.site_name
    answer(f"This kiosk is paired with {name}. It admits nobody until it is paired again, with a new pairing window.")
    answer(f"Type {WORD} to go on:")
    return sys.stdin.readline().strip() == WORD
