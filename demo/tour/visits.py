"""A visitor is admitted; everything that is not a good code gets its own kind answer."""

from datetime import UTC, datetime, timedelta
from functools import partial

from demo import forgery
from demo.server import Invitation
from demo.tour.guide import Guide
from demo.tour.reception import see_arrive, watch_the_list
from demo.visitor.picture import Glimpse
from demo.visitor.scenes import SCENES
from demo.waiting import wait_until

_FEED_S = 30.0


def admit_first_visitor(guide: Guide) -> Invitation:
    """A visit is registered; its code, shown once, admits by name."""
    lobby = guide.door
    with guide.report.step("A visitor shows a phone and is admitted by name"):
        ada = guide.world.invite("Ada Lovelace")
        for path in (ada.png, ada.png.with_suffix(".svg")):
            size = path.stat().st_size if path.exists() else 0
            guide.report.found(
                "codes folder", f"the code is written as {path.suffix[1:].upper()}", size, holds=size > 200
            )
        await_visit(guide, ada)
        watch_the_list(guide)
        lobby.wait_until_ready()
        guide.report.picture(lobby.kiosk.hand, "welcome")
        guide.report.picture(Glimpse(ada.png, SCENES["phone"]), "before-the-camera")
        guide.is_admitted(lobby, ada, "phone", offline=False)
        see_arrive(guide, ada.visitor_name)
        guide.wait_for_drain(lobby)
        stored = guide.world.evidence.check_ins(ada.visit)
        holds = len(stored) == 1 and stored[0].outcome == "accepted" and not stored[0].offline
        guide.database_holds("one check-in, accepted, decided online", stored, holds=holds)
        state = guide.world.evidence.visit_state(ada.visit)
        guide.database_holds("the visit is checked in", state, holds=state == "checked_in")
    return ada


def turn_away(guide: Guide, ada: Invitation, over: Invitation) -> None:
    """Every code that must not open the door, and none at all."""
    lobby, world = guide.door, guide.world
    now = int(datetime.now(UTC).timestamp())
    with guide.report.step("The same code again"):
        guide.is_answered(lobby, ada.png, "already used", "Declined", "already_used", "paper")
    with guide.report.step("A tampered code"):
        code = forgery.write_visit_code(forgery.tampered(ada.token), world.codes / "tampered.png")
        guide.is_answered(lobby, code, "not a code of this house", "Declined", "bad_signature", "phone-tilted")
    with guide.report.step("An early code"):
        early = world.invite("Emmy Noether", arrival=timedelta(hours=5))
        guide.is_answered(
            lobby, early.png, "early, and when to come back", "Declined", "too_early", "phone-perspective"
        )
    with guide.report.step("A code for the other site"):
        other = world.invite("Lise Meitner", site=world.cast.site_b)
        guide.is_answered(lobby, other.png, "another of our houses", "Declined", "wrong_site", "phone-glare")
    with guide.report.step("A code by an unknown key"):
        token = forgery.by_unknown_key(world.cast.site_a, now - 600, now + 3600)
        code = forgery.write_visit_code(token, world.codes / "unknown-key.png")
        guide.is_answered(lobby, code, "not a code of this house", "Declined", "unknown_key", "phone-dim")
    with guide.report.step("Somebody else's symbol"):
        code = forgery.write_symbol(forgery.FOREIGN_TEXT, world.codes / "foreign.png")
        guide.is_answered(lobby, code, "not a visit code", "Declined", "not_a_visit_code", "paper-tilted")
    with guide.report.step("No code at all"):
        hand = lobby.kiosk.hand
        before = lobby.kiosk.ledger()
        hand.tap("no-code")
        view = hand.wait_for("AskReception", seconds=5)
        guide.report.picture(hand, "no-code")
        guide.sees(lobby, "reception will help", view, "AskReception")
        after = lobby.kiosk.ledger()
        guide.store_holds(lobby, "nothing consumed", after, holds=after.used_visits == before.used_visits)
        lobby.leave()
    with guide.report.step("An expired code"):
        wait_until(lambda: datetime.now(UTC) > over.departure + timedelta(seconds=1), 120)
        guide.is_answered(lobby, over.png, "the visit is over", "Declined", "expired", "paper-perspective")


def await_visit(guide: Guide, invitation: Invitation) -> None:
    """Wait until both kiosks that run have prefetched the visit, as they would have long before it begins."""
    lobbies = [lobby for lobby in (guide.door, guide.second_door) if lobby.kiosk.is_running()]
    for lobby in lobbies:
        known = wait_until(partial(lobby.kiosk.knows, invitation.visit), _FEED_S)
        guide.report.found(f"{lobby.name}'s store", "the visit was fetched in advance, sealed", known, holds=known)
