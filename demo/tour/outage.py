"""The network is cut, the kiosk dies, the server stops, and everything comes together again."""

from dataclasses import dataclass
from datetime import timedelta

from demo.lobby import RESULTS
from demo.server import Invitation
from demo.tour.guide import Guide
from demo.tour.reception import see_offline_admission
from demo.tour.silence import see_nothing_waits
from demo.tour.visits import await_visit

_CHECK_INS = "/api/v1/kiosk/check-ins"
_SHOWN_S = 60.0


@dataclass(frozen=True, slots=True)
class Party:
    """Who comes during the outage: two whose visits the kiosk knows, and one registered too late for it to hear of."""

    grete: Invitation
    mary: Invitation
    late: Invitation


def admit_offline(guide: Guide) -> Party:
    """The cable is cut; a visitor is admitted all the same, and staff see what waits."""
    lobby, world = guide.door, guide.world
    with guide.report.step("The network cable is cut; another visitor is admitted"):
        grete, mary = world.invite("Grete Hermann"), world.invite("Mary Somerville")
        await_visit(guide, grete)
        await_visit(guide, mary)
        world.cable.cut()
        late = world.invite("Sofia Kowalewskaja")
        guide.is_admitted(lobby, grete, "phone-far", offline=True)
        guide.wait_for_strip(lobby, "1")
        guide.report.picture(lobby.kiosk.hand, "one-waiting")
    return Party(grete, mary, late)


def survive_a_kill(guide: Guide, used: Invitation) -> None:
    """SIGKILL, start again, still offline: paired, the used code refused, one waiting."""
    lobby = guide.door
    with guide.report.step("The kiosk is killed and started again, still offline"):
        lobby.kiosk.kill()
        lobby.kiosk.start()
        view = lobby.wait_until_ready()
        guide.sees(lobby, "still paired: it welcomes", view, "Ready")
        guide.is_answered(lobby, used.png, "already used", "Declined", "already_used", "paper")
        ledger = lobby.kiosk.ledger()
        guide.store_holds(lobby, "one check-in waits", ledger, holds=ledger.paired and ledger.waiting == 1)
        guide.wait_for_strip(lobby, "1")


def meet_the_unknown(guide: Guide, late: Invitation) -> None:
    """A visit the kiosk never heard of meets the site's policy: ask reception."""
    lobby = guide.door
    with guide.report.step("A visit registered just before the outage, never fetched"):
        guide.store_holds(lobby, "never heard of it", lobby.kiosk.ledger(), holds=not lobby.kiosk.knows(late.visit))
        guide.is_answered(lobby, late.png, "please see reception", "AskReception", "unknown_visit", "paper")


def admit_without_server(guide: Guide, expected: Invitation) -> None:
    """The server is really stopped, not only out of reach: the next visitor is admitted all the same."""
    lobby, world = guide.door, guide.world
    with guide.report.step("The server stops as well; a third visitor is admitted"):
        world.server.stop()
        world.cable.mend()
        running = world.server.is_running()
        guide.report.found("machine", "the server is gone", f"running: {running}", holds=not running)
        guide.is_admitted(lobby, expected, "paper", offline=True)
        guide.wait_for_strip(lobby, "2")


def bring_server_back(guide: Guide) -> None:
    """Start the server again."""
    with guide.report.step("The server is back"):
        guide.world.server.start()
        running = guide.world.server.is_running()
        guide.report.found("machine", "the server serves again", f"running: {running}", holds=running)


def come_together(guide: Guide, admitted: Invitation, late: Invitation) -> None:
    """What waited arrives: original times, one check-in each, seen by staff."""
    lobby, world = guide.door, guide.world
    with guide.report.step("What waited arrives by itself, with its original time"):
        guide.wait_for_drain(lobby)
        stored = world.evidence.check_ins(admitted.visit)
        guide.database_holds("one check-in, no second", [each.check_in_id for each in stored], holds=len(stored) == 1)
        for each in stored:
            delay = each.received_at - each.scanned_at
            guide.database_holds("decided offline", each.offline, holds=each.offline)
            guide.database_holds(
                "the original time is kept", f"{delay} before it arrived", holds=delay > timedelta(seconds=5)
            )
        see_offline_admission(guide, admitted)
        see_nothing_waits(guide)
        guide.wait_for_quiet_strip(lobby)
        guide.report.picture(lobby.kiosk.hand, "quiet-again")
    with guide.report.step("Online again, the visit nobody had fetched is admitted"):
        guide.is_admitted(lobby, late, "phone", offline=False)
        guide.wait_for_drain(lobby)


def race_online(guide: Guide) -> None:
    """Two kiosks, both online, are shown one code at the same moment: one admits."""
    world = guide.world
    with guide.report.step("One code at two doors at once, both online: one admits"):
        twin = world.invite("Maria Mayer")
        await_visit(guide, twin)
        screens = _show_at_both_doors(guide, twin, "race-online")
        admitted = screens.count("Admitted")
        guide.report.found("both windows", "exactly one admits", screens, holds=admitted == 1)
        _drain_both(guide)
        stored = world.evidence.check_ins(twin.visit)
        guide.database_holds("exactly one check-in", [each.outcome for each in stored], holds=len(stored) == 1)


def race_offline(guide: Guide) -> Invitation:
    """Both offline: both admit, the server flags both, and a lost answer doubles nothing. Returns the code's visit."""
    world = guide.world
    with guide.report.step("One code at two doors, both offline: both admit, both are flagged, an answer is lost"):
        twin = world.invite("Chien-Shiung Wu")
        await_visit(guide, twin)
        world.cable.cut()
        screens = _show_at_both_doors(guide, twin, "race-offline")
        guide.report.found(
            "both windows", "both admit: nobody is left standing", screens, holds=screens == ["Admitted"] * 2
        )
        for lobby in (guide.door, guide.second_door):
            ledger = lobby.kiosk.ledger()
            guide.store_holds(lobby, "one check-in waits", ledger, holds=ledger.waiting == 1)
        world.cable.lose_next_answer(_CHECK_INS)
        world.cable.mend()
        _drain_both(guide)
        lost = world.cable.lost_answers
        guide.report.found("cable", "the answer to a batch was lost on purpose", lost, holds=len(lost) == 1)
        stored = world.evidence.check_ins(twin.visit)
        flags = [each.conflicts for each in stored]
        guide.database_holds("two check-ins and no third, both flagged", flags, holds=len(flags) == 2 and all(flags))
    return twin


def _show_at_both_doors(guide: Guide, invitation: Invitation, name: str) -> list[str]:
    doors = (guide.door, guide.second_door)
    for lobby in doors:
        lobby.wait_until_ready()
    for lobby in doors:
        lobby.stage.show(invitation.png, "phone")
    screens = [lobby.kiosk.hand.wait_for(*RESULTS, seconds=_SHOWN_S).screen for lobby in doors]
    for lobby in doors:
        guide.report.picture(lobby.kiosk.hand, f"{name}-{lobby.name}")
        lobby.stage.show_empty()
    for lobby in doors:
        lobby.leave()
    return screens


def _drain_both(guide: Guide) -> None:
    for lobby in (guide.door, guide.second_door):
        guide.wait_for_drain(lobby)
