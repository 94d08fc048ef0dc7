"""The tour from beginning to end, in the order a day would bring it."""

from datetime import timedelta
from pathlib import Path

from demo.browser.chromium import chromium
from demo.browser.desk import Desk
from demo.report import Report
from demo.tour import outage, pairing, reception, silence, visits
from demo.tour.guide import Guide
from demo.world import World

_WINDOW = ("--window", "540x960")


def walk(folder: Path, output: Path) -> bool:
    """Walk the tour with all data in ``folder``, writing what it finds to ``output``; return whether all held."""
    report = Report(output)
    print("Starting PostgreSQL, the server, its tenant and a browser.", flush=True)
    with (
        World(folder) as world,
        chromium(folder / "browser", world.ca_file) as driver,
        world.lobby("kiosk-1", _WINDOW) as door,
        world.lobby("kiosk-2", _WINDOW) as second_door,
    ):
        # Over by the time the tour comes to it: registered now, for a visit that ends in a minute.
        over = world.invite("Maria Sibylla Merian", arrival=timedelta(minutes=-60), stay=timedelta(minutes=61))
        guide = Guide(world, report, door, second_door, Desk(driver, world.server.own_url))
        pairing.arrive_as_installer(guide)
        pairing.pair_by_picture(guide)
        reception.register_by_name_alone(guide)
        reception.help_by_hand(guide)
        ada = visits.admit_first_visitor(guide)
        visits.turn_away(guide, ada, over)
        party = outage.admit_offline(guide)
        outage.survive_a_kill(guide, party.grete)
        outage.meet_the_unknown(guide, party.late)
        silence.see_silence(guide)
        outage.admit_without_server(guide, party.mary)
        outage.bring_server_back(guide)
        # While the first kiosk waits for its next attempt, as it does longer the longer the outage was.
        pairing.pair_by_command(guide)
        outage.come_together(guide, party.grete, party.late)
        outage.race_online(guide)
        twice = outage.race_offline(guide)
        reception.settle_conflict(guide, twice)
        silence.revoke_kiosk(guide)
    return report.holds
