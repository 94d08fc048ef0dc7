"""``kill -9`` while root and bundle change: afterwards the kiosk holds the old pair or the new one, and never half."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from kiosk_app.bootstrap.household import Household
from kiosk_app.system_clock import SystemClock
from kiosk_protocol.messages import TrustAnswer, encode
from tests.crash.ledger import Prepared, prepare_for
from tests.crash.test_kill import kill_after, read_until
from tests.kiosk_app.tenant import Tenant


def write_offers(house: Tenant, file: Path, count: int) -> None:
    """Write offers 2, 3, …: each with a root key and a bundle key of its own, so that halves of two never fit."""
    now_s = SystemClock().read().wall_ms // 1000
    with file.open("wb") as lines:
        for version in range(2, count + 2):
            house.bundle_key = SigningKey.generate()
            root = house.changed_root(version)
            lines.write(encode(TrustAnswer(root=root, bundle=house.bundle(version, now_s))) + b"\n")


def run_loop(prepared: Prepared, offers: Path, seconds: float) -> list[int]:
    """Run the loop, kill it so long after its first change, and return the versions it said it had taken."""
    command = [sys.executable, "-m", "tests.crash.trust_loop", prepared.paths.data, prepared.paths.keys, offers]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    lines: list[str] = []
    read_until(process, "taken", lines)
    told = [line.split() for line in [*lines, *kill_after(process, seconds)]]
    return [int(words[1]) for words in told if words[0] == "taken" and len(words) == 2]


def torture(folder: Path, deaths: int, offers: int) -> None:
    house = Tenant()
    prepared = prepare_for(house, folder, visits=0)
    file = folder / "offers"
    write_offers(house, file, offers)
    chance = random.Random()
    held = 1
    for _ in range(deaths):
        told = run_loop(prepared, file, chance.uniform(0.0, 0.3))
        store = Household(prepared.paths, 0).open_store()
        # A half would not verify: the store would call itself damaged.
        identity = store.load_identity()
        store.close()
        assert identity is not None
        trust = identity.trust
        assert trust.root.version == trust.bundle.version
        assert trust.bundle.version >= max(told) >= held, "what was said to be taken is taken"
        held = trust.bundle.version
    assert held > 1


def test_a_few_deaths_between_two_pairs_of_documents_leave_one_of_them(tmp_path: Path) -> None:
    torture(tmp_path, deaths=3, offers=1_000)


@pytest.mark.torture
def test_many_deaths_between_two_pairs_of_documents_leave_one_of_them(tmp_path: Path) -> None:
    torture(tmp_path, deaths=50, offers=10_000)
