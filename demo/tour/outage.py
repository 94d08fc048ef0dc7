"""Steps 4 and 5: the server stops, the kiosk dies, and everything comes together again."""

from datetime import timedelta

from demo.lobby import RESULTS
from demo.server import Invitation
from demo.tour.guide import Guide
from demo.tour.visits import await_visit

_CHECK_INS = "/api/v1/kiosk/check-ins"
_SHOWN_S = 20.0


def admit_offline(guide: Guide) -> tuple[Invitation, Invitation]:
    """The server is really stopped; a visitor is admitted all the same, and staff see what waits.

    Returns the one who was admitted, and one who was registered just before, too late for the kiosk to hear of it.
    """
    lobby, world = guide.door, guide.world
    with guide.report.step("The server stops; another visitor is admitted"):
        grete = world.invite("Grete Hermann")
        await_visit(guide, grete)
        world.cable.cut()
        late = world.invite("Sofia Kowalewskaja")
        world.server.stop()
        world.cable.mend()
        running = world.server.is_running()
        guide.report.found("machine", "the server is gone", f"running: {running}", holds=not running)
        guide.is_admitted(lobby, grete, "phone-far", offline=True)
        guide.wait_for_strip(lobby, "1")
        guide.report.picture(lobby.kiosk.hand, "one-waiting")
    return grete, late


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


def come_together(guide: Guide, admitted: Invitation, late: Invitation) -> None:
    """Server back, one answer lost on purpose: original times, one check-in, nothing doubled."""
    lobby, world = guide.door, guide.world
    with guide.report.step("The server is back; an answer is lost on purpose"):
        world.cable.lose_next_answer(_CHECK_INS)
        world.server.start()
        guide.wait_for_drain(lobby)
        guide.report.found(
            "cable",
            "the answer to a batch was lost",
            world.cable.lost_answers,
            holds=len(world.cable.lost_answers) == 1,
        )
        stored = world.evidence.check_ins(admitted.visit)
        guide.database_holds("one check-in, no second", [each.check_in_id for each in stored], holds=len(stored) == 1)
        for each in stored:
            delay = each.received_at - each.scanned_at
            guide.database_holds("decided offline", each.offline, holds=each.offline)
            guide.database_holds(
                "the original time is kept", f"{delay} before it arrived", holds=delay > timedelta(seconds=5)
            )
        guide.wait_for_quiet_strip(lobby)
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


def race_offline(guide: Guide) -> None:
    """Both offline: both admit, and the server flags both."""
    world = guide.world
    with guide.report.step("One code at two doors, both offline: both admit, both are flagged"):
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
        world.cable.mend()
        _drain_both(guide)
        stored = world.evidence.check_ins(twin.visit)
        flags = [each.conflicts for each in stored]
        guide.database_holds("two check-ins, both flagged", flags, holds=len(flags) == 2 and all(flags))


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
