"""The receptionist's desk: a visit with its defaults, in and out by hand, arrivals live, conflicts with a reason."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from demo.browser.desk import ENTER, LAPTOP, PHONE
from demo.evidence import rfc3339
from demo.server import Invitation
from demo.tour.guide import Guide
from demo.waiting import wait_until
from demo.world import RECEPTIONIST

REASON: Final = "One person, shown at both doors during the test of the line"
_ZONE: Final = ZoneInfo("Europe/Berlin")
_LIVE_S = 30.0


def register_by_name_alone(guide: Guide) -> None:
    """A name is enough: the next full hour, two hours, and a code to show, print and save."""
    desk = guide.desk
    with guide.report.step("The receptionist registers a visit: a name is enough"):
        desk.use(LAPTOP)
        guide.sign_in(RECEPTIONIST)
        guide.page_shows("who is expected", "Expected", "Maria Sibylla Merian")
        guide.report.picture(desk, "expected")
        desk.click("Register a visit")
        desk.wait_for("Visitor's name")
        guide.report.picture(desk, "register")
        before = datetime.now(_ZONE)
        desk.type("Hedy Lamarr", ENTER)
        guide.page_shows("registered, with the code to show", "Registered. Give the visitor this code.", "Print")
        guide.report.picture(desk, "visit-code")
        visit = guide.world.evidence.visit_of("Hedy Lamarr")
        hour = timedelta(hours=1)
        wanted = {moment.replace(minute=0, second=0, microsecond=0) + hour for moment in (before, datetime.now(_ZONE))}
        guide.database_holds("arrival is the next full hour", visit.arrival, holds=visit.arrival in wanted)
        stay = visit.departure - visit.arrival
        guide.database_holds("departure is two hours later", stay, holds=stay == 2 * hour)


def help_by_hand(guide: Guide) -> None:
    """Somebody without a code is let in and out by hand."""
    desk = guide.desk
    with guide.report.step("Reception lets a visitor in and out by hand"):
        desk.click("Check in by hand")
        guide.page_shows("let in by hand, by whom", "Let in by hand", "by Rafael Reception")
        desk.click("Check out")
        guide.page_shows("left, noted by hand", "Left, noted by hand")
        guide.report.picture(desk, "by-hand")
        visit = guide.world.evidence.visit_of("Hedy Lamarr")
        holds = (visit.state, visit.by_hand) == ("checked_out", ("checked_in", "checked_out"))
        guide.database_holds("checked in and out, both at the desk", visit, holds=holds)


def watch_the_list(guide: Guide) -> None:
    """Open the list of who is on site, and mark the page: a reload would be noticed."""
    desk = guide.desk
    desk.click("Visits")
    desk.click("On site")
    desk.wait_for("Nobody is on site")
    desk.mark()


def see_arrive(guide: Guide, name: str) -> None:
    """The arrival appears on the open page, which is not loaded anew."""
    guide.page_shows(f"{name} appears by itself", name, "Check out", seconds=_LIVE_S)
    marked = guide.desk.is_marked()
    guide.report.found("dashboard", "without a reload", f"same page: {marked}", holds=marked)
    guide.report.picture(guide.desk, "arrival-live")


def see_offline_admission(guide: Guide, admitted: Invitation) -> None:
    """What was decided during the outage stands there with its original time."""
    desk = guide.desk
    desk.open("/visits?show=on-site")
    desk.wait_for(admitted.visitor_name)
    guide.report.picture(desk, "both-on-site")
    desk.click(admitted.visitor_name)
    guide.page_shows("decided offline, let in at the front door", "Let in", "decided offline", "Front door")
    stored = guide.world.evidence.check_ins(admitted.visit)
    original = {rfc3339(each.decided_at) for each in stored}
    shown = set(desk.times())
    guide.report.found(
        "dashboard", "the original time of the decision", original, holds=bool(original) and original <= shown
    )
    guide.report.picture(desk, "decided-offline")
    desk.use(PHONE)
    guide.report.picture(desk, "decided-offline-phone")
    desk.use(LAPTOP)


def settle_conflict(guide: Guide, twice: Invitation) -> None:
    """Two doors let in one code: both stand there, a reason settles it, nothing is rewritten."""
    desk, evidence = guide.desk, guide.world.evidence
    with guide.report.step("Reception settles the conflict with a reason"):
        before = evidence.check_ins(twice.visit)
        desk.click("Conflicts")
        guide.page_shows("both admissions", twice.visitor_name, "let in more than once", "Front door", "Side door")
        guide.report.picture(desk, "conflict")
        desk.fill("Reason", REASON)
        desk.press(ENTER)
        guide.page_shows("nothing is left to settle", "Nothing to settle")
        settled = wait_until(lambda: len(evidence.reasons(twice.visit)) == 2, _LIVE_S)
        guide.database_holds("both flags settled with the reason", evidence.reasons(twice.visit), holds=settled)
        after = evidence.check_ins(twice.visit)
        guide.database_holds("what happened is not rewritten", f"{len(after)} check-ins", holds=after == before)
        desk.open("/visits?show=on-site")
        desk.click(twice.visitor_name)
        guide.page_shows("the reason, for whoever asks later", REASON)
        guide.report.picture(desk, "settled")
