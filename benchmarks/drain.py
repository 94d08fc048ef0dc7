"""Ten thousand check-ins drain after an outage while the disk stalls: what visitors and the server notice.

Everything is the product's own: the server's process with its embedded PostgreSQL behind HTTPS, the kiosk's process
with its window (offscreen), store and threads. The check-ins are made by the kiosk's desk: each code verified, each
record signed, sealed and committed. Then the kiosk runs while the server is away; the server comes back; the queue
drains.

    python -m benchmarks.drain [--check-ins 10000] [--seed 1]

- *Gaps*: the window's event loop is asked for a turn every 5 ms; a gap is the time between two turns. Counted from the
  first batch's request to the last one's answer; beside it, the same before the server came back.
- *Stalls*: one in ten of the kiosk's syncs takes 200 ms longer (:mod:`benchmarks.stalling_disk`).
- *Nothing lost or doubled*: identifiers in the kiosk's store against rows read from PostgreSQL past the server.
- *Rows a second*: forty batches of another kiosk, handed over by the kiosk's own client, each followed by a bare insert
  of as many check-ins' rows (:mod:`benchmarks.drain_rows`), so that whatever else the machine does meets both; medians.
"""

import argparse
import os
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.drain_kiosk import BATCHES_FILE, TURNS_FILE
from benchmarks.drain_rows import INSERTED, WRITTEN, BareInsert, Witness, renamed
from benchmarks.stalling_disk import StallingDisk
from demo.hand import Hand
from demo.kiosk import Kiosk
from demo.server import Server
from demo.waiting import wait_until
from kiosk_app.bootstrap.household import Household
from kiosk_app.core.verdict import Admit
from kiosk_app.paths import Paths
from kiosk_protocol.identifiers import SiteId, TenantId
from kiosk_protocol.messages import MAX_BATCH_ENTRIES, Batch, BatchAnswer
from kiosk_server.app import open_database, open_house
from kiosk_server.postgres import Tenure
from kiosk_server.services.house import OPERATOR, PublicAddress
from kiosk_server.services.visits import NewVisit, register_visit
from kiosk_server.settings import Settings

TENANT = "drain"
STALL_CHANCE = 0.1
STALL_S = 0.2
QUIET_S = 8.0
COMPARED_BATCHES = 40
PATTERNS = 500
"""Check-ins whose rows the bare insert copies; each copy has identifiers of its own."""
GAP_LIMIT_MS = 33.0
RATIO_LIMIT = 0.5
DRAIN_LIMIT_S = 900.0


@dataclass(frozen=True, slots=True)
class Door:
    """One kiosk, paired, with check-ins waiting."""

    kiosk: Kiosk
    paths: Paths
    device: str

    def items(self) -> dict[str, str]:
        """Return the state of every item in the kiosk's store, by identifier."""
        with closing(sqlite3.connect(f"file:{self.paths.data / 'kiosk.db'}?mode=ro", uri=True, timeout=5)) as store:
            return dict(store.execute("SELECT check_in_id, state FROM outbox"))


class Site:
    """A server with one tenant and one site."""

    def __init__(self, folder: Path) -> None:
        port = _free_port()
        self.folder = folder
        self.url = f"https://127.0.0.1:{port}"
        self.server = Server(folder / "server", port, self.url)
        self.server.start()
        self.tenant = str(self.server.command("tenant", "create", "--slug", TENANT, "--name", "Drain")["tenantId"])
        made = self.server.command("site", "create", "--tenant", TENANT, "--name", "House", "--time-zone", "UTC")
        self.site = str(made["siteId"])
        self.witness = Witness(self.server.data / "postgres")

    def invite(self, count: int) -> list[str]:
        """Register visits as the server's own commands do, in one process, and return their codes."""
        settings = Settings(self.server.data)
        begin = datetime.now(UTC) - timedelta(minutes=5)
        with (
            open_database(settings, Tenure.COMMAND) as database,
            open_house(settings, database, PublicAddress(self.url)) as house,
            ThreadPoolExecutor(3) as threads,
        ):

            def invite_one(number: int) -> str:
                new = NewVisit(
                    SiteId(self.site), f"Visitor {number}", arrival=begin, departure=begin + timedelta(hours=20)
                )
                return register_visit(house, TenantId(self.tenant), new, OPERATOR).token

            return list(threads.map(invite_one, range(count)))

    def door(self, name: str, codes: Sequence[str]) -> Door:
        """Return a paired kiosk that admitted everybody with one of ``codes`` while the server was out of its reach."""
        folder = self.folder / name
        kiosk = Kiosk(folder, "none", ("--window", "1080x1920"), offscreen=True)
        window = self.server.open_window(TENANT, self.site)
        kiosk.pair(window.setup_code, window.digits)
        paths = Paths(folder / "data", folder / "keys")
        device = _read_feed(paths)
        _admit(paths, codes)
        return Door(kiosk, paths, device)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _read_feed(paths: Paths) -> str:
    """Fetch the visits in advance, as a kiosk does before the line is cut, and return the device's identifier."""
    household = Household(paths, 0)
    store = household.open_store()
    try:
        identity = store.load_identity()
        if identity is None:
            raise SystemExit("the kiosk is not paired")
        report = household.sync_cycle(store).run(household.shared.live.of(identity))
        if report.failures:
            raise SystemExit(f"the first round failed: {report.failures}")
        return identity.device
    finally:
        household.shared.live.close()
        store.close()


def _admit(paths: Paths, codes: Sequence[str]) -> None:
    """Hold up every code at the desk of a kiosk that has no connection."""
    household = Household(paths, 0)
    store = household.open_store()
    try:
        desk = household.desk(store)
        for code in codes:
            verdict = desk.judge(code)
            if not isinstance(verdict, Admit):
                raise SystemExit(f"a visitor was not admitted: {verdict}")
    finally:
        store.close()


# ── the drain ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Readings:
    """What the gauges of one run say. Times in seconds of the monotonic clock, memory in MiB."""

    turns: Sequence[float]
    batches: Sequence[tuple[float, float, int]]
    quiet_mib: float
    highest_mib: float
    stalls: int
    syncs: int
    window_syncs: int
    back_at: float

    def gaps_ms(self, begin: float, end: float) -> list[float]:
        """Return the gaps between turns that ended in this time."""
        pairs = zip(self.turns, self.turns[1:], strict=False)
        return [(after - before) * 1000 for before, after in pairs if begin <= after <= end]


def _drain(site: Site, door: Door, seed: int) -> Readings:
    gauges = door.paths.data.parent / "gauges"
    gauges.mkdir()
    hand_socket = door.paths.data.parent / "hand"
    site.server.stop()
    with StallingDisk(STALL_CHANCE, STALL_S, seed) as disk, ExitStack() as running:
        command = [sys.executable, "-m", "benchmarks.drain_kiosk", str(gauges), str(disk.wire.fileno())]
        folders = ["--data", str(door.paths.data), "--keys", str(door.paths.keys), "--hand", str(hand_socket)]
        log = running.enter_context((door.paths.data.parent / "kiosk.log").open("ab"))
        process = subprocess.Popen(
            [*command, *folders, "--camera", "none", "--window", "1080x1920"],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
            pass_fds=[disk.wire.fileno()],
        )
        running.callback(_end, process)
        disk.started()
        Hand(hand_socket).wait_for("Ready", seconds=60)
        time.sleep(QUIET_S)
        quiet = _memory_mib(process.pid, "VmRSS")
        site.server.start()
        back_at = time.monotonic()
        if not wait_until(lambda: process.poll() is not None or not _waits(door), DRAIN_LIMIT_S):
            raise SystemExit("the queue did not drain")
        time.sleep(QUIET_S)
        highest = _memory_mib(process.pid, "VmHWM")
        _end(process)
    turns, batches = _floats(gauges / TURNS_FILE), _floats(gauges / BATCHES_FILE)
    triples = [(batches[n], batches[n + 1], int(batches[n + 2])) for n in range(0, len(batches), 3)]
    answered = [batch for batch in triples if batch[2]]
    syncs = sum(disk.syncs.values())
    return Readings(turns, answered, quiet, highest, disk.stalls, syncs, disk.syncs.get(process.pid, 0), back_at)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _waits(door: Door) -> bool:
    with closing(sqlite3.connect(f"file:{door.paths.data / 'kiosk.db'}?mode=ro", uri=True, timeout=5)) as store:
        return store.execute("SELECT 1 FROM outbox WHERE state = 'waiting' LIMIT 1").fetchone() is not None


def _memory_mib(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1]) / 1024


def _floats(path: Path) -> "array[float]":
    numbers = array("d")
    numbers.frombytes(path.read_bytes())
    return numbers


# ── the verdicts ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _tell_gaps(readings: Readings) -> float:
    begin, end = readings.batches[0][0], readings.batches[-1][1]
    during, before = readings.gaps_ms(begin, end), readings.gaps_ms(readings.turns[0] + 3, readings.back_at - 3)
    for name, gaps in (("while it drains", during), ("before, the server away", before)):
        late = [gap for gap in gaps if gap > GAP_LIMIT_MS]
        print(
            f"gaps of the window {name}: p50 {_share(gaps, 0.5):.1f} ms, p99 {_share(gaps, 0.99):.1f} ms,"
            f" longest {max(gaps):.0f} ms; {len(late)} of {len(gaps)} over {GAP_LIMIT_MS:.0f} ms"
        )
    print(
        f"the disk: {readings.stalls} of {readings.syncs} syncs stalled {STALL_S * 1000:.0f} ms;"
        f" {readings.window_syncs} of all were made by the window's thread"
    )
    return _share(during, 0.99)


def _share(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def _tell_drain(readings: Readings) -> None:
    begin, end = readings.batches[0][0], readings.batches[-1][1]
    items = sum(batch[2] for batch in readings.batches)
    asked = [answered - sent for sent, answered, _ in readings.batches]
    print(
        f"drained: {items} check-ins in {end - begin:.1f} s, {items / (end - begin):.0f} a second, the first"
        f" {begin - readings.back_at:.1f} s after the server was back; a batch is with the server"
        f" {statistics.median(asked) * 1000:.0f} ms (median), {items / sum(asked):.0f} check-ins a second"
    )
    print(f"kiosk's memory: {readings.quiet_mib:.0f} MiB before, {readings.highest_mib:.0f} MiB at most")


def _count_losses(site: Site, door: Door) -> int:
    """Return how many check-ins are missing, twice there, flagged or not settled."""
    ours, theirs = door.items(), site.witness.stored(door.device)
    visits = [visit for _, visit, _ in theirs]
    lost = len(ours.keys() - {name for name, _, _ in theirs})
    foreign = len({name for name, _, _ in theirs} - ours.keys())
    doubled = len(theirs) - len({name for name, _, _ in theirs}) + len(visits) - len(set(visits))
    unsettled = sum(state != "acknowledged" for state in ours.values())
    refused = sum(outcome != "accepted" for _, _, outcome in theirs)
    flags = site.witness.flags()
    print(
        f"{len(ours)} check-ins in the kiosk's store, {len(theirs)} in PostgreSQL: {lost} lost, {doubled} doubled,"
        f" {foreign} foreign, {refused} not accepted, {unsettled} not acknowledged, {flags} flags"
    )
    return lost + foreign + doubled + unsettled + refused + flags


def _compare(site: Site, taken: Door, waiting: Door) -> float:
    """Return the server's rows a second as a part of the bare insert's."""
    visits = [visit for _, visit, _ in site.witness.stored(taken.device)]
    rows = site.witness.rows_of(visits[:PATTERNS])
    needed = 2 * MAX_BATCH_ENTRIES * COMPARED_BATCHES
    copies = [renamed(rows[number % len(rows)], number) for number in range(1, needed + 1)]
    server, written, inserted = [], [], []
    household = Household(waiting.paths, 0)
    with closing(household.open_store()) as store, closing(BareInsert(site.witness, site.tenant)) as bare:
        identity = store.load_identity()
        if identity is None:
            raise SystemExit("the second kiosk is not paired")
        client = household.shared.live.of(identity)
        entries = store.waiting_items(MAX_BATCH_ENTRIES * COMPARED_BATCHES)
        for number in range(COMPARED_BATCHES):
            batch = entries[number * MAX_BATCH_ENTRIES : (number + 1) * MAX_BATCH_ENTRIES]
            begin = time.monotonic()
            answer = client.check_in(Batch(chain_id=store.chain_id(), entries=tuple(batch)))
            server.append(time.monotonic() - begin)
            if not isinstance(answer, BatchAnswer) or any(item.outcome != "accepted" for item in answer.results):
                raise SystemExit(f"the server did not take a batch: {answer}")
            first, second = (
                copies[(2 * number + part) * MAX_BATCH_ENTRIES : (2 * number + part + 1) * MAX_BATCH_ENTRIES]
                for part in (0, 1)
            )
            written.append(_time(bare, first, WRITTEN))
            bare.run(bare.plan(second, [table for table in WRITTEN if table not in INSERTED]))
            inserted.append(_time(bare, second, INSERTED))
        household.shared.live.close()
    return _tell_rows(server, written, inserted)


def _time(bare: BareInsert, check_ins: Sequence[dict[str, dict[str, object]]], tables: Sequence[str]) -> float:
    plan = bare.plan(check_ins, tables)
    begin = time.monotonic()
    bare.run(plan)
    return time.monotonic() - begin


def _tell_rows(server: Sequence[float], written: Sequence[float], inserted: Sequence[float]) -> float:
    taken, bare, part = (statistics.median(seconds) for seconds in (server, written, inserted))
    per_batch = MAX_BATCH_ENTRIES * len(WRITTEN)
    print(
        f"rows: the server takes {per_batch / taken:.0f} a second ({taken * 1000:.1f} ms a batch of"
        f" {MAX_BATCH_ENTRIES} check-ins, {len(WRITTEN)} rows each), a bare insert {per_batch / bare:.0f}"
        f" ({bare * 1000:.1f} ms): {bare / taken:.0%} (goal at least {RATIO_LIMIT:.0%})"
    )
    print(
        f"the same held against only the {len(INSERTED)} rows that are new each time: {part * 1000:.1f} ms bare,"
        f" {part / taken:.0%}"
    )
    return bare / taken


def main() -> int:
    """Measure and print; return 0 if all goals are met."""
    parser = argparse.ArgumentParser(prog="benchmarks.drain")
    parser.add_argument("--check-ins", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1, help="of the disk's stalls")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="atrium-") as name, ExitStack() as running:
        site = Site(Path(name))
        running.callback(site.server.stop)
        compared = MAX_BATCH_ENTRIES * COMPARED_BATCHES
        codes = site.invite(options.check_ins + compared)
        door, second = site.door("kiosk", codes[compared:]), site.door("second", codes[:compared])
        readings = _drain(site, door, options.seed)
        gap = _tell_gaps(readings)
        _tell_drain(readings)
        losses = _count_losses(site, door)
        ratio = _compare(site, door, second)
    return 0 if gap <= GAP_LIMIT_MS and losses == 0 and ratio >= RATIO_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
