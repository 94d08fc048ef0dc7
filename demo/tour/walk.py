"""The tour from beginning to end, in the order a day would bring it."""

from datetime import timedelta
from pathlib import Path

from demo.report import Report
from demo.tour import outage, pairing, visits
from demo.tour.guide import Guide
from demo.world import World

_WINDOW = ("--window", "540x960")


def walk(folder: Path, output: Path) -> bool:
    """Walk the tour with all data in ``folder``, writing what it finds to ``output``; return whether all held."""
    report = Report(output)
    print("Starting PostgreSQL, the server and its tenant.", flush=True)
    with (
        World(folder) as world,
        world.lobby("kiosk-1", _WINDOW) as door,
        world.lobby("kiosk-2", _WINDOW) as second_door,
    ):
        # Over by the time the tour comes to it: registered now, for a visit that ends in a minute.
        over = world.invite("Maria Sibylla Merian", arrival=timedelta(minutes=-60), stay=timedelta(minutes=61))
        guide = Guide(world, report, door, second_door)
        pairing.pair_by_keypad(guide)
        ada = visits.admit_first_visitor(guide)
        visits.turn_away(guide, ada, over)
        grete, late = outage.admit_offline(guide)
        outage.survive_a_kill(guide, grete)
        outage.meet_the_unknown(guide, late)
        outage.come_together(guide, grete, late)
        pairing.pair_by_command(guide)
        outage.race_online(guide)
        outage.race_offline(guide)
    return report.holds
