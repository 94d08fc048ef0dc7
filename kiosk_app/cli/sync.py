"""``atrium-kiosk sync``: one full round with the server, and what waits of former pairings handed over."""

import argparse
import json

from kiosk_app.cli.exits import FAILED, OK, answer, complain
from kiosk_app.cli.opening import opened
from kiosk_app.core.outbox import QueueState
from kiosk_app.core.server_answers import Failure, staff_code
from kiosk_app.services.housekeeping import tidy


def main(options: argparse.Namespace) -> int:
    """Do one full round and say what is left."""
    failures: dict[str, Failure] = {}
    queue = QueueState()
    with opened(options) as (household, store):
        identity = store.load_identity()
        if identity is None and not household.former.all():
            complain("This kiosk is not paired.")
            return FAILED
        if identity is not None:
            report = household.sync_cycle(store).run(household.shared.live.of(identity))
            queue, failures = report.queue, dict(report.failures)
            tidy(store, household.shared.keeper)
        handover = household.handover(store).run()
        if handover is not None:
            failures["handover"] = handover
        former = household.former.unsent()
    answer(
        json.dumps(
            {
                "waiting": queue.waiting,
                "parked": queue.parked,
                "formerWaiting": former,
                "failures": {step: staff_code(failure).value for step, failure in failures.items()},
            }
        )
    )
    return FAILED if failures else OK
