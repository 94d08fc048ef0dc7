"""A kiosk without a window that takes one pair of root and bundle after the other, until it is killed.

Run as ``python -m tests.crash.trust_loop DATA KEYS OFFERS``; says ``ready``, then ``taken VERSION`` after each round.
"""

import sys
from pathlib import Path

from kiosk_app.bootstrap.household import Household
from kiosk_app.paths import Paths
from kiosk_protocol.messages import TrustAnswer, decode
from tests.crash.scan_loop import say
from tests.kiosk_app.simulated_server import SimulatedServer
from tests.kiosk_app.tenant import Tenant


def main(data: str, keys: str, offers: str) -> None:
    household = Household(Paths(Path(data), Path(keys)), 0)
    store = household.open_store()
    cycle = household.sync_cycle(store)
    known = store.load_identity()
    assert known is not None
    # Only its trust documents are of the kiosk's tenant; the other steps of a round fail, as they may.
    server = SimulatedServer(Tenant())
    say("ready")
    for line in Path(offers).read_text("utf-8").splitlines():
        answer = decode(line.encode(), TrustAnswer)
        server.root, server.bundle = answer.root, answer.bundle
        failures = cycle.run(server).failures
        if "trust" not in failures:
            identity = store.load_identity()
            assert identity is not None
            say(f"taken {identity.trust.bundle.version}")
    say("done")


if __name__ == "__main__":
    main(*sys.argv[1:])
