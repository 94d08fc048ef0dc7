"""A kiosk without a window that admits one visitor after the other as fast as it can, until it is killed.

Run as ``python -m tests.crash.scan_loop DATA KEYS TOKENS SKIP``; says ``ready``, then ``green ID`` after each
admission, as the screen would show it.
"""

import sys
from pathlib import Path

from kiosk_app.bootstrap.household import Household
from kiosk_app.core.verdict import Admit
from kiosk_app.paths import Paths


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(data: str, keys: str, tokens: str, skip: str) -> None:
    household = Household(Paths(Path(data), Path(keys)), 0)
    store = household.open_store()
    desk = household.desk(store)
    identity = store.load_identity()
    assert identity is not None
    household.shared.live.of(identity)
    say("ready")
    for token in Path(tokens).read_text("ascii").split()[int(skip) :]:
        verdict = desk.judge(token)
        if isinstance(verdict, Admit):
            say(f"green {verdict.check_in_id}")
        # The same code at once again, as a shaking hand shows it.
        assert not isinstance(desk.judge(token), Admit)
    say("done")


if __name__ == "__main__":
    main(*sys.argv[1:])
