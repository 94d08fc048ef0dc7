"""Visits at the desk: the three lists, registering, codes, in and out by hand, conflicts."""

import re
from datetime import timedelta

import pytest

from kiosk_protocol.messages import FeedPage, decode
from kiosk_server.domain.records import VisitState
from kiosk_server.domain.roles import Role
from kiosk_server.services import visits
from tests.kiosk_server.support import START, World
from tests.kiosk_server.web.browser import Browser, signed_in, words


@pytest.fixture
def desk(world: World) -> Browser:
    """Reception, signed in."""
    return signed_in(world, Role.SITE_ADMIN)


def state_of(world: World, visit_id: str) -> VisitState:
    return visits.visit_story(world.house, world.tenant.id, visit_id).visit.state


def test_lists_hold_who_is_expected_here_and_done(world: World, desk: Browser) -> None:
    """Each visit stands in one list; one nobody came for is done when its time is over."""
    expected, here, gone = world.visit("Ada").visit, world.visit("Grace").visit, world.visit("Hedy").visit
    missed = world.visit("Emmy", departure=world.clock.now + timedelta(minutes=5)).visit
    for visit in (here, gone):
        desk.send(f"/visits/{visit.id}/check-in")
    desk.send(f"/visits/{gone.id}/check-out")
    world.clock.advance(minutes=6)
    lists = {name: desk.page(f"/visits?show={name}") for name in ("expected", "on-site", "done")}
    found = {name: set(re.findall(r'id="visit-([^"]+)"', text)) for name, text in lists.items()}
    assert found == {"expected": {expected.id}, "on-site": {here.id}, "done": {gone.id, missed.id}}
    assert "Did not come" in lists["done"]
    assert re.findall(r'class="count">(\d)', lists["done"]) == ["1", "1", "2"]


def test_empty_lists_teach(desk: Browser) -> None:
    """Each says what would appear there, or what to do."""
    assert "Nobody is expected. Register a visit" in words(desk.page("/visits"))
    assert "the moment a kiosk lets them in" in words(desk.page("/visits?show=on-site"))
    assert "Nothing ended in the last day" in words(desk.page("/visits?show=done"))
    assert "Nobody here matches “Zuse”" in words(desk.page("/visits?q=Zuse"))


def test_search_finds_by_any_word_shown(world: World, desk: Browser) -> None:
    """Name, company, host and room; upper and lower case alike."""
    world.visit("Ada Lovelace", visitor_company="Engines", room="Danube", host=world.user(Role.MEMBER).email)
    world.visit("Grace Hopper")
    for text in ("LOVE", "engines", "danube", "member"):
        page = desk.page(f"/visits?q={text}")
        assert "Lovelace" in page
        assert "Hopper" not in page


def test_the_site_narrows_the_list(world: World) -> None:
    """A tenant's administrator sees all sites or one."""
    admin = signed_in(world, Role.TENANT_ADMIN)
    world.visit("Ada")
    world.visit("Grace", site=world.other_site.id)
    assert {"Ada", "Grace"} <= set(words(admin.page("/visits")).split())
    narrowed = words(admin.page(f"/visits?site={world.other_site.id}")).split()
    assert "Grace" in narrowed
    assert "Ada" not in narrowed


def test_the_form_proposes_the_documented_times(desk: Browser) -> None:
    """Arrival at the next full hour on the site's clocks, departure two hours later: 08:30 UTC is 09:30 in Vienna."""
    text = desk.page("/visits/new")
    assert re.search(r'name="arrival"[^>]*value="2026-03-02T10:00"', text)
    assert re.search(r'name="departure"[^>]*value="2026-03-02T12:00"', text)


def test_registering_leads_to_the_code(world: World, desk: Browser) -> None:
    """What was typed is stored in the site's time; the next page shows the code to give out."""
    response = desk.send(
        "/visits",
        {
            "site": world.site.id,
            "visitor_name": "Ada Lovelace",
            "visitor_company": "Engines",
            "visitor_email": "ada@example.org",
            "host": world.user(Role.SITE_ADMIN).email,
            "room": "Danube",
            "purpose": "Review",
            "arrival": "2026-03-02T14:00",
            "departure": "2026-03-02T15:30",
        },
    )
    assert response.status_code == 303
    text = desk.page(response.headers["location"])
    said = words(text)
    for word in ("Ada Lovelace", "Engines", "ada@example.org", "Danube", "Review", "14:00", "15:30", "Registered."):
        assert word in said
    image = re.search(r'<img src="([^"]+)"', text)
    assert image is not None
    assert desk.get(image[1]).content.startswith(b"<?xml")


def test_empty_times_get_their_defaults(world: World, desk: Browser) -> None:
    """Nothing but a name is needed."""
    response = desk.send("/visits", {"site": world.site.id, "visitor_name": "Ada"})
    visit = visits.visit_story(world.house, world.tenant.id, response.headers["location"][8:30]).visit
    assert visit.arrival == START + timedelta(minutes=30)
    assert visit.departure - visit.arrival == timedelta(hours=2)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("visitor_name", "", "must have 1 to 200 characters"),
        ("visitor_name", "a\u202eb", "cannot be shown"),
        ("visitor_email", "nonsense", "This is not an email address"),
        ("visitor_company", "x" * 201, "must have 1 to 200 characters"),
        ("host", "nobody@acme.example", "The host is no user"),
        ("host", "nonsense", "This is not an email address"),
        ("room", "a\x00b", "cannot be shown"),
        ("purpose", "\x1b[31m", "cannot be shown"),
        ("arrival", "tomorrow", "Write a time like"),
        ("arrival", "2026-03-02T14:00Z", "Write a time like"),
        ("arrival", "0001-01-01T00:00", "Write a time like"),
        ("departure", "2026-03-01T10:00", "over already"),
        ("departure", "2026-03-04T10:00", "at most 24 hours"),
        ("departure", "9999-12-31T23:59", "Write a time like"),
    ],
)
def test_errors_stand_beside_their_field(world: World, desk: Browser, name: str, value: str, sentence: str) -> None:
    """The field is marked, says why, has the focus, and keeps what was typed; nothing is registered."""
    fields = {"site": world.site.id, "visitor_name": "Ada", "arrival": "2026-03-02T10:00", "room": "Danube"}
    response = desk.send("/visits", fields | {name: value})
    assert response.status_code == 400
    error = re.search(r'<p class="error" id="([a-z_]+)-error">([^<]*)', response.text)
    assert error is not None
    assert error[1] == name
    assert sentence in error[2]
    assert re.search(
        rf'id="{name}"[^>]*autofocus[^>]*aria-invalid="true" aria-describedby="{name}-error"', response.text
    )
    assert name == "room" or 'value="Danube"' in response.text
    assert not visits.list_visits(world.house, world.tenant.id, [world.site.id], None)


def test_codes_can_be_shown_saved_and_printed(world: World, desk: Browser) -> None:
    """SVG and PNG, inline or as a file whose name says nothing about anybody; and a sheet for paper."""
    visit = world.visit().visit
    png, svg = desk.get(f"/visits/{visit.id}/code.png?save"), desk.get(f"/visits/{visit.id}/code.svg")
    assert png.content.startswith(b"\x89PNG")
    assert png.headers["content-disposition"] == 'attachment; filename="visit-code.png"'
    assert svg.headers["content-type"] == "image/svg+xml"
    assert svg.headers["content-disposition"] == 'inline; filename="visit-code.svg"'
    assert "Ada Lovelace" in desk.page(f"/visits/{visit.id}/print")


def test_a_code_that_opens_nothing_is_not_given_out(world: World, desk: Browser) -> None:
    """Used, cancelled or over: the visit stays, its code is gone."""
    used, cancelled, over = world.visit().visit, world.visit().visit, world.visit().visit
    desk.send(f"/visits/{used.id}/check-in")
    desk.send(f"/visits/{cancelled.id}/cancel")
    for visit in (used, cancelled):
        assert desk.get(f"/visits/{visit.id}/code.svg").status_code == 404
        assert "code.svg" not in desk.page(f"/visits/{visit.id}")
    world.clock.advance(hours=3)
    browser = signed_in(world, Role.SITE_ADMIN)
    assert browser.get(f"/visits/{over.id}/print").status_code == 404


def test_cancelling_asks_first_and_happens_once(world: World, desk: Browser) -> None:
    """The question names the visitor; a second answer meets a visit that has changed."""
    visit = world.visit().visit
    assert "Cancel this visit? Ada Lovelace" in words(desk.page(f"/visits/{visit.id}/cancel"))
    assert state_of(world, visit.id) is VisitState.PRE_REGISTERED
    assert desk.send(f"/visits/{visit.id}/cancel").headers["location"] == f"/visits/{visit.id}"
    assert state_of(world, visit.id) is VisitState.CANCELLED
    again = desk.send(f"/visits/{visit.id}/cancel")
    assert again.status_code == 409
    assert "This has changed meanwhile" in again.text


def test_in_and_out_by_hand_are_facts_of_their_own(world: World, desk: Browser) -> None:
    """Who did it and when stands on the page, in the audit log and in the events; kiosks hear of it."""
    visit, kiosk = world.visit().visit, world.kiosk()
    desk.send(f"/visits/{visit.id}/check-in", {"back": "expected"})
    assert state_of(world, visit.id) is VisitState.CHECKED_IN
    world.clock.advance(minutes=10)
    assert desk.send(f"/visits/{visit.id}/check-out", {"back": "on-site"}).headers["location"] == "/visits?show=on-site"
    said = words(desk.page(f"/visits/{visit.id}"))
    assert "09:30 Let in by hand by site_admin Reception" in said
    assert "09:40 Left, noted by hand by site_admin Reception" in said
    feed = decode(kiosk.ask("GET", "/kiosk/visits").content, FeedPage)
    assert [entry.state for entry in feed.entries] == ["closed"]
    with world.house.archive.of(world.tenant.id) as records:
        connection = records.journal._connection
        actions = connection.exec_driver_sql(
            "SELECT action FROM audit_log WHERE subject_id = %s ORDER BY id", (visit.id,)
        )
        assert [row[0] for row in actions][-2:] == ["visit.checked_in_by_hand", "visit.checked_out_by_hand"]
        events = connection.exec_driver_sql("SELECT kind FROM events WHERE visit_id = %s ORDER BY id", (visit.id,))
        assert [row[0] for row in events][-2:] == ["visitor.checked_in", "visitor.checked_out"]


def test_only_allowed_steps_can_be_taken(world: World, desk: Browser) -> None:
    """Out before in, in twice, in after the end: 409, and the page says what changed."""
    visit, late = world.visit().visit, world.visit(departure=world.clock.now + timedelta(minutes=5)).visit
    assert desk.send(f"/visits/{visit.id}/check-out").status_code == 409
    assert desk.send(f"/visits/{visit.id}/check-in").status_code == 303
    assert desk.send(f"/visits/{visit.id}/check-in").status_code == 409
    world.clock.advance(minutes=6)
    assert desk.send(f"/visits/{late.id}/check-in").status_code == 409


def test_original_time_and_offline_decision_are_shown(world: World, desk: Browser) -> None:
    """Decided at 09:31 while offline, received at 09:50: both times stand on the page."""
    issued, kiosk = world.visit(), world.kiosk("Lobby")
    world.clock.advance(minutes=20)
    kiosk.send(kiosk.item(issued.token, 1, clock="plausible"))
    said = words(desk.page(f"/visits/{issued.visit.id}"))
    assert "09:31 Let in decided offline clock plausible, not confirmed Lobby 09:50" in said


def test_a_kiosk_that_let_in_somebody_reception_had_let_in_is_a_conflict(world: World, desk: Browser) -> None:
    """Both stand; the arrival is the earlier one, whichever it was."""
    early, late = world.visit("Ada"), world.visit("Grace")
    kiosk = world.kiosk()
    world.clock.advance(minutes=5)
    for issued in (early, late):
        desk.send(f"/visits/{issued.visit.id}/check-in")
    kiosk.send(kiosk.item(early.token, 1), kiosk.item(late.token, 9))
    stories = [visits.visit_story(world.house, world.tenant.id, issued.visit.id) for issued in (early, late)]
    assert [story.visit.arrived_at for story in stories] == [START + timedelta(minutes=1), START + timedelta(minutes=5)]
    assert all({flag.kind for flag in story.conflicts} == {"admitted_elsewhere"} for story in stories)


def test_conflicts_are_settled_with_a_reason(world: World, desk: Browser) -> None:
    """Listed with both original times, settled once, kept with who and why; nothing else changes."""
    issued, first, second = world.visit(), world.kiosk("North"), world.kiosk("South")
    first.send(first.item(issued.token, 1))
    second.send(second.item(issued.token, 2))
    said = words(desk.page("/conflicts"))
    assert "let in more than once" in said
    assert re.search(r"09:31 Let in decided offline .* North .* 09:32 Let in decided offline .* South", said)
    assert "One visit does not fit together" in words(desk.page("/visits"))
    empty = desk.send(f"/conflicts/{issued.visit.id}", {"reason": " "})
    assert empty.status_code == 400
    assert "The reason must have 1 to 200 characters." in empty.text
    assert desk.send(f"/conflicts/{issued.visit.id}", {"reason": "One person, two doors"}).status_code == 303
    assert "Nothing to settle" in desk.page("/conflicts")
    assert "by site_admin: One person, two doors" in words(desk.page(f"/visits/{issued.visit.id}"))
    assert desk.send(f"/conflicts/{issued.visit.id}", {"reason": "again"}).status_code == 409
    story = visits.visit_story(world.house, world.tenant.id, issued.visit.id)
    assert len(story.conflicts) == 2
    with world.house.archive.of(world.tenant.id) as records:
        query = "SELECT count(*) FROM audit_log WHERE action = 'conflict.settled' AND actor_kind = 'user'"
        assert records.journal._connection.exec_driver_sql(query).scalar_one() == 1


def test_a_new_flag_on_a_settled_visit_waits_again(world: World, desk: Browser) -> None:
    """A third door's item, late: the reason given before does not cover it."""
    issued, kiosks = world.visit(), [world.kiosk(name) for name in ("North", "South", "East")]
    for kiosk in kiosks[:2]:
        kiosk.send(kiosk.item(issued.token, 1))
    desk.send(f"/conflicts/{issued.visit.id}", {"reason": "One person, two doors"})
    kiosks[2].send(kiosks[2].item(issued.token, 3))
    assert "East" in words(desk.page("/conflicts"))


def test_conflicts_of_other_sites_are_not_listed(world: World, desk: Browser) -> None:
    """A site's administrator settles the own site's only."""
    issued = world.visit(site=world.other_site.id)
    for name in ("North", "South"):
        kiosk = world.kiosk(name, site=world.other_site.id)
        kiosk.send(kiosk.item(issued.token, 1))
    assert "Nothing to settle" in desk.page("/conflicts")
    assert "Ada Lovelace" in signed_in(world, Role.TENANT_ADMIN).page("/conflicts")
