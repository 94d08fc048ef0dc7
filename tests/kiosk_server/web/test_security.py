"""Forged forms, fixed sessions, foreign identifiers, stored markup, redirects, cookies, headers."""

import itertools
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk_server.domain.roles import Role
from kiosk_server.services import accounts, devices, tenancy, visits
from kiosk_server.services.house import OPERATOR
from kiosk_server.services.web_sessions import IDLE_LIFE, WHOLE_LIFE
from kiosk_server.store.database import Database
from kiosk_server.web.cookies import DOOR, SESSION, form_token
from kiosk_server.web.dashboard import PAGES
from kiosk_server.web.files import address_of
from kiosk_server.web.pages import Page
from tests.kiosk_server.support import BASE_URL, PASSWORD, World, new_world
from tests.kiosk_server.web.browser import Browser, signed_in

POSTS = [page.path for page in PAGES if page.method == "POST" and page.path != "/sign-in"]
MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


HOST = "door.example"
FOREIGN = itertools.count(1_000_000)


def address(path: str, world: World) -> str:
    return path.format(visit=world.visit().visit.id, kiosk="A" * 22)


@pytest.mark.parametrize("path", POSTS)
def test_no_form_counts_without_its_token(world: World, path: str) -> None:
    """Missing, empty, another session's, and one with strange characters: 403, and nothing is done."""
    browser, other = signed_in(world, Role.TENANT_ADMIN), signed_in(world, Role.SITE_ADMIN)
    target = address(path, world)
    headers = {"Origin": BASE_URL}
    assert browser.client.post(target, data={"x": "1"}, headers=headers).status_code == 403
    for token in ("", form_token(other.cookie), form_token("x"), "é" * 64, browser.cookie):
        response = browser.client.post(target, data={"csrf": token}, headers=headers)
        assert response.status_code == 403, token
        assert "not from your session" in response.text
    with world.house.archive.of(world.tenant.id) as records:
        assert all(
            visit.cancelled_at is None for visit in records.visits.list([world.site.id], world.clock.now, None, 9)
        )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": BASE_URL, "Sec-Fetch-Site": "cross-site"},
        {"Origin": BASE_URL, "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_a_form_comes_from_our_own_page(world: World, headers: dict[str, str]) -> None:
    """Even with the right token: a foreign or unnamed source is refused."""
    browser = signed_in(world, Role.TENANT_ADMIN)
    visit = world.visit().visit
    data = {"csrf": form_token(browser.cookie)}
    response = browser.client.post(f"/visits/{visit.id}/cancel", data=data, headers=headers)
    assert response.status_code == 403
    assert "own page" in response.text


def test_a_form_is_a_form(world: World) -> None:
    """JSON and plain text, which other sites could send without asking, are refused; so are huge and odd bodies."""
    browser = signed_in(world, Role.TENANT_ADMIN)
    for kind in ("application/json", "text/plain", ""):
        headers = {"Origin": BASE_URL, "Content-Type": kind}
        assert browser.client.post("/visits", content=b"csrf=x", headers=headers).status_code == 400
    headers = {"Origin": BASE_URL, "Content-Type": "application/x-www-form-urlencoded"}
    assert browser.client.post("/visits", content=b"\xff\xfe", headers=headers).status_code == 400
    assert browser.client.post("/visits", content=b"a=1&" * 60, headers=headers).status_code == 400
    assert browser.client.post("/visits", content=b"a" * 70_000, headers=headers).status_code == 413


def test_sign_in_needs_its_own_token(world: World) -> None:
    """Nobody can be signed in to somebody else's account by a foreign page."""
    browser = Browser(world)
    fields = {"tenant": world.tenant.slug, "email": world.user(Role.MEMBER).email, "password": PASSWORD}
    assert browser.client.post("/sign-in", data=fields, headers={"Origin": BASE_URL}).status_code == 403
    browser.get("/sign-in")
    assert browser.client.post("/sign-in", data=fields, headers={"Origin": BASE_URL}).status_code == 403
    assert browser.send("/sign-in", fields, Origin="https://evil.example").status_code == 403
    assert SESSION not in browser.client.cookies


def test_a_session_is_never_the_one_the_browser_came_with(world: World) -> None:
    """A cookie set by somebody else does not become a session; signing in again ends the session before."""
    browser = Browser(world)
    planted = f"{world.tenant.id}.{'A' * 43}"
    browser.client.cookies.set(SESSION, planted, domain=HOST)
    browser.sign_in(Role.MEMBER)
    first = browser.cookie
    assert first != planted
    thief = Browser(world)
    thief.client.cookies.set(SESSION, planted, domain=HOST)
    assert thief.get("/visits").status_code == 303
    again = Browser(world)
    again.client.cookies.set(SESSION, first, domain=HOST)
    again.client.cookies.set(DOOR, "A" * 43, domain=HOST)
    again.send("/sign-in", {"tenant": world.tenant.slug, "email": world.user(Role.MEMBER).email, "password": PASSWORD})
    thief.client.cookies.set(SESSION, first, domain=HOST)
    assert thief.get("/visits").status_code == 303


def test_signing_out_ends_the_session_itself(world: World) -> None:
    """The cookie, kept by somebody, opens nothing any more."""
    browser = signed_in(world, Role.MEMBER)
    kept = browser.cookie
    browser.send("/sign-out")
    thief = Browser(world)
    thief.client.cookies.set(SESSION, kept)
    assert thief.get("/visits").headers["location"] == "/sign-in?to=visits"


def test_sessions_end_by_themselves(world: World) -> None:
    """After half an hour without a click, after twelve hours with; a page that refreshes itself is no click."""
    idle, busy = signed_in(world, Role.MEMBER), signed_in(world, Role.TENANT_ADMIN)
    world.clock.now += IDLE_LIFE - timedelta(minutes=1)
    assert busy.get("/visits").status_code == 200
    assert idle.get("/visits", headers={"X-Live": "1"}).status_code == 200
    world.clock.now += timedelta(minutes=2)
    assert busy.get("/visits").status_code == 200
    assert idle.get("/visits").status_code == 303
    for _ in range(WHOLE_LIFE // timedelta(minutes=20)):
        world.clock.now += timedelta(minutes=20)
        last = busy.get("/visits").status_code
    assert last == 303


@pytest.mark.parametrize("cookie", ["", "x", "." * 60, "é", "A" * 22, "A" * 22 + ".", "A" * 22 + "." + "B" * 200])
def test_a_strange_cookie_is_no_session(world: World, cookie: str) -> None:
    """Whatever stands in the cookie: to the door, never an error."""
    browser = Browser(world)
    response = browser.get("/visits", headers={"Cookie": f"{SESSION}={cookie}".encode()})
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in?to=visits")


def test_stored_is_only_the_hash(world: World) -> None:
    """A copy of the database opens no session."""
    browser = signed_in(world, Role.MEMBER)
    secret = browser.cookie.partition(".")[2]
    with world.house.archive.of(world.tenant.id) as records:
        assert records.web_sessions.get(browser.cookie.encode()) is None
        assert records.web_sessions.get(secret.encode()) is None


def test_cookies_have_every_attribute(world: World) -> None:
    """Both are for this host alone, unreadable to scripts, and kept from other sites' requests."""
    browser = Browser(world)
    door = browser.get("/sign-in").headers["set-cookie"]
    response = browser.sign_in(Role.MEMBER)
    session = response.headers.get_list("set-cookie")[0]
    assert door.startswith("__Host-")
    assert session.startswith(f"{SESSION}=")
    for cookie in (door, session):
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= parts
        assert not any(part.startswith("domain") for part in parts)
    assert f'{DOOR}=""' in response.headers.get_list("set-cookie")[1]


def test_every_answer_carries_the_headers(world: World) -> None:
    """Pages, refusals, redirects and files: the strict policy; pages are stored nowhere."""
    browser = signed_in(world, Role.TENANT_ADMIN)
    visit = world.visit().visit
    answers = [
        browser.get(path)
        for path in ("/visits", f"/visits/{visit.id}", f"/visits/{'A' * 22}", "/", "/sign-in", "/kiosks/window",
                     f"/visits/{visit.id}/code.png", f"/visits/{visit.id}/code.svg", "/web/live.js")
    ]  # fmt: skip
    answers += [browser.client.post("/visits"), Browser(world).get("/kiosks")]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        for part in ("frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'", "connect-src 'self'"):
            assert part in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        is_file = answer.request.url.path.startswith("/web/")
        assert answer.headers["cache-control"] == ("public, max-age=31536000, immutable" if is_file else "no-store")


def test_pages_hold_nothing_the_policy_forbids(world: World) -> None:
    """No inline script or style, no handler, no address of another host in any template."""
    browser = signed_in(world, Role.TENANT_ADMIN)
    kiosk = world.kiosk()
    visit = world.visit().visit
    addresses = ["/visits", "/visits/new", f"/visits/{visit.id}", f"/visits/{visit.id}/print", "/conflicts", "/kiosks",
                 f"/kiosks/{kiosk.device_id}", f"/kiosks/{kiosk.device_id}/revoke", "/kiosks/window"]  # fmt: skip
    for text in [Browser(world).page("/sign-in"), *map(browser.page, addresses)]:
        assert re.findall(r"<script[^>]*>", text) == [f'<script src="{address_of("live.js")}" defer>']
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|https?://(?!door\.example)", text)


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "x"]
)
def test_sign_in_leads_to_our_own_pages_only(world: World, to: str) -> None:
    """Destinations are names of ours; anything else leads home and is not even repeated on the page."""
    browser = Browser(world)
    assert 'name="to" value=""' in browser.get("/sign-in", params={"to": to}).text
    response = browser.sign_in(Role.MEMBER, to=to)
    assert response.headers["location"] == "/visits"


def test_sign_in_leads_back_to_where_one_wanted_to_go(world: World) -> None:
    """A page asked for without a session is reached after sign-in."""
    browser = Browser(world)
    assert browser.get("/kiosks/window").headers["location"] == "/sign-in?to=window"
    assert browser.sign_in(Role.INSTALLER, to="window").headers["location"] == "/kiosks/window"
    assert Browser(world).sign_in(Role.INSTALLER).headers["location"] == "/kiosks"


def test_lists_lead_back_to_lists_only(world: World) -> None:
    """The field that names the list takes no address."""
    browser = signed_in(world, Role.TENANT_ADMIN)
    visit = world.visit().visit
    response = browser.send(f"/visits/{visit.id}/check-in", {"back": "https://evil.example"})
    assert response.headers["location"] == f"/visits/{visit.id}"


def test_ten_failures_close_the_door_for_a_while(world: World) -> None:
    """The throttle of the API's login stands here too, and the wrong password is never repeated on the page."""
    browser = Browser(world)
    for _ in range(10):
        response = browser.sign_in(Role.MEMBER, password="wrong-password-1")
        assert response.status_code == 401
        assert "wrong-password-1" not in response.text
    assert browser.sign_in(Role.MEMBER).status_code == 429
    world.clock.advance(minutes=16)
    assert browser.sign_in(Role.MEMBER).status_code == 303


def test_unknown_tenant_and_wrong_password_read_the_same(world: World) -> None:
    """Who tries learns nothing about who exists."""
    browser = Browser(world)
    answers = [
        browser.sign_in(Role.MEMBER, tenant="nobody"),
        browser.sign_in(Role.MEMBER, email="nobody@acme.example"),
        browser.sign_in(Role.MEMBER, password="wrong password"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert all("Organisation, email address or password is wrong." in answer.text for answer in answers)


def test_stored_markup_is_text_in_every_field(world: World) -> None:
    """Visitor, company, room, purpose, host, site, kiosk, reason, user: shown as typed, never run."""
    user = accounts.NewUser("m@acme.example", MARKUP, Role.TENANT_ADMIN, PASSWORD)
    world.users[Role.TENANT_ADMIN] = accounts.create_user(world.house, world.tenant.id, user, OPERATOR)
    site = tenancy.create_site(world.house, world.tenant.id, tenancy.NewSite(MARKUP, "Europe/Vienna"), OPERATOR)
    texts = {"visitor_company": MARKUP, "room": MARKUP, "purpose": MARKUP, "host": "m@acme.example"}
    first, second = world.kiosk(site=site.id), world.kiosk(site=site.id)
    devices.rename_device(world.house, world.tenant.id, first.device_id, MARKUP[:64], OPERATOR)
    issued = world.visit(MARKUP, site=site.id, **texts)
    first.send(first.item(issued.token, 1))
    second.send(second.item(issued.token, 2))
    waiting = world.visit(MARKUP, site=site.id, **texts).visit
    browser = signed_in(world, Role.TENANT_ADMIN)
    pages = ["/visits", "/visits?show=on-site", "/visits/new", f"/visits/{waiting.id}", f"/visits/{waiting.id}/print",
             f"/visits/{waiting.id}/cancel", "/conflicts", "/kiosks", f"/kiosks/{first.device_id}",
             f"/kiosks/{first.device_id}/revoke", f"/kiosks/window?site={site.id}"]  # fmt: skip
    browser.send(f"/conflicts/{issued.visit.id}", {"reason": MARKUP})
    texts_shown = [browser.page(page) for page in [*pages, f"/visits/{issued.visit.id}"]]
    texts_shown.append(browser.send("/visits", {"site": site.id, "visitor_name": MARKUP * 9, "room": MARKUP}).text)
    texts_shown.append(browser.send(f"/kiosks/{first.device_id}/name", {"name": MARKUP * 2}).text)
    texts_shown.append(browser.get("/visits", params={"q": MARKUP, "site": MARKUP, "show": MARKUP}).text)
    for text in texts_shown:
        assert "&lt;script&gt;" in text
        assert "<script>" not in text
        assert "<img src=x" not in text
        assert "'><" not in text.replace("'&gt;", "")


def test_a_link_cannot_be_planted(world: World) -> None:
    """``javascript:`` in a text stays text: no value of a visitor becomes an address."""
    issued = world.visit("javascript:alert(1)", room="javascript:alert(2)")
    browser = signed_in(world, Role.TENANT_ADMIN)
    for page in ("/visits", f"/visits/{issued.visit.id}"):
        assert not re.search(r"""(href|src|action|data-source)=["']?javascript:""", browser.page(page))


@pytest.mark.parametrize("page", [page for page in PAGES if "{" in page.path], ids=lambda page: page.method + page.path)
def test_identifiers_of_others_are_not_there(world: World, archive: Database, page: Page) -> None:
    """Another tenant's visit and kiosk, another site's, and what is no identifier at all: 404, all alike."""
    foreign = new_world(archive, next(FOREIGN))
    elsewhere = {
        "visit": world.visit(site=world.other_site.id).visit.id,
        "kiosk": world.kiosk(site=world.other_site.id).device_id,
    }
    others = {"visit": foreign.visit().visit.id, "kiosk": foreign.kiosk().device_id}
    for role, places in (
        (Role.TENANT_ADMIN, [others, dict.fromkeys(others, "A" * 22), dict.fromkeys(others, "x'--")]),
        (Role.SITE_ADMIN, [others, elsewhere]),
    ):
        browser = signed_in(world, role)
        for place in places:
            target = page.path.format(**place)
            answer = browser.get(target) if page.method == "GET" else browser.send(target, {"reason": "x", "name": "x"})
            assert answer.status_code == 404, (role, target)


@pytest.mark.parametrize("path", ["/visits", "/kiosks/window"])
def test_sites_of_others_are_not_there(world: World, archive: Database, path: str) -> None:
    """A form that names another tenant's or another site's: 404, and nothing is made."""
    foreign = new_world(archive, next(FOREIGN))
    browser = signed_in(world, Role.SITE_ADMIN)
    for site in (foreign.site.id, world.other_site.id, "A" * 11, "", "'"):
        fields = {"site": site, "visitor_name": "Ada", "password": PASSWORD}
        assert browser.send(path, fields).status_code == 404
    assert not visits.list_visits(world.house, world.tenant.id, [world.other_site.id], None)


def test_a_session_of_one_tenant_is_none_of_another(world: World, archive: Database) -> None:
    """The first part of the cookie names whose it is; changing it finds nothing."""
    other = new_world(archive, next(FOREIGN))
    browser = signed_in(world, Role.TENANT_ADMIN)
    secret = browser.cookie.partition(".")[2]
    thief = Browser(world)
    thief.client.cookies.set(SESSION, f"{other.tenant.id}.{secret}")
    assert thief.get("/visits").status_code == 303


def test_who_is_switched_off_is_out_at_once(world: World, archive: Database) -> None:
    """The user is looked up on every request: a role taken away, or an account, counts with the next click."""
    browser = signed_in(world, Role.SITE_ADMIN)
    user = replace(world.user(Role.SITE_ADMIN), active=False)
    with archive.of(world.tenant.id) as records:
        connection = records.users._connection
        connection.exec_driver_sql("UPDATE users SET active = false WHERE id = %s", (user.id,))
    assert browser.get("/visits").status_code == 303


def test_a_member_sees_own_visits_only(world: World) -> None:
    """A colleague's visit is not there: neither in the list nor by its identifier."""
    browser = signed_in(world, Role.MEMBER)
    other, own = world.visit("Stranger").visit, world.visit("Guest", host=world.user(Role.MEMBER).email).visit
    text = browser.page("/visits")
    assert "Guest" in text
    assert "Stranger" not in text
    assert browser.get(f"/visits/{own.id}").status_code == 200
    assert browser.get(f"/visits/{other.id}").status_code == 404


def test_a_viewer_reads_and_does_not_get_the_code(world: World) -> None:
    """A code opens a door: readers see the visit, no code, no button."""
    browser = signed_in(world, Role.VIEWER)
    visit = world.visit().visit
    text = browser.page(f"/visits/{visit.id}")
    assert "Ada Lovelace" in text
    assert "code.svg" not in text
    assert '<form method="post" action="/visits' not in text
    assert "Register" not in browser.page("/visits")
    assert browser.get(f"/visits/{visit.id}/code.svg").status_code == 403
