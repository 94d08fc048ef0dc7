"""``atrium-kiosk sync``: one full round with the server."""

import argparse
import json

from kiosk_app.cli.exits import FAILED, OK, answer, complain
from kiosk_app.cli.opening import opened
from kiosk_app.core.server_answers import staff_code
from kiosk_app.services.housekeeping import tidy


def main(options: argparse.Namespace) -> int:
    """Do one full round and say what is left."""
    with opened(options) as (household, store):
        identity = store.load_identity()
        if identity is None:
            complain("This kiosk is not paired.")
            return FAILED
        report = household.sync_cycle(store).run(household.shared.live.of(identity))
        tidy(store, household.shared.keeper)
    failures = {step: staff_code(failure).value for step, failure in report.failures.items()}
    answer(json.dumps({"waiting": report.queue.waiting, "parked": report.queue.parked, "failures": failures}))
    return FAILED if failures else OK
