"""The dashboard in a real browser: axe finds nothing on any page in any state, the keyboard alone does everything."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import uvicorn
from selenium.webdriver.remote.webdriver import WebDriver

from demo.browser.chromium import chromium, missing_programs
from demo.browser.desk import ENTER, LAPTOP, PHONE, TAB, Desk
from demo.waiting import wait_until
from kiosk_server.domain.roles import Role
from kiosk_server.http.api import create_api
from kiosk_server.services import devices, visits
from kiosk_server.services.house import OPERATOR
from kiosk_server.tls import ServerCertificate, ensure_server_certificate
from kiosk_server.web.dashboard import PAGES, add_dashboard
from tests.kiosk_server.support import PASSWORD, World
from tests.kiosk_server.web.test_kiosks import beat

pytestmark = pytest.mark.skipif(bool(missing_programs()), reason=f"not installed: {', '.join(missing_programs())}")

WAIT_S = 60.0
MOST_STOPS = 80
LIKELY_TO_CONTRAST = {"runOnly": ["color-contrast"]}

# What has the focus, as one who cannot point needs it: its name, whether it is seen, and whether the focus is seen.
FOCUS = """
const it = document.activeElement;
if (it === document.body || it === document.documentElement) return null;
const style = getComputedStyle(it), box = it.getBoundingClientRect();
const all = [...document.querySelectorAll('*')];
return {
  place: all.indexOf(it), name: it.textContent.trim() || it.name,
  shows: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
  seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
};
"""
REACHABLE = """
const all = [...document.querySelectorAll('*')];
return all.map((it, place) => [it, place])
  .filter(([it]) => it.matches('a[href], button, input:not([type=hidden]), select, textarea'))
  .filter(([it]) => !it.disabled && it.getClientRects().length > 0)
  .map(([it, place]) => ({place, name: it.textContent.trim() || it.name, inLive: !!it.closest('#live'), id: it.id}));
"""


class Server(uvicorn.Server):
    """A server that hangs up when it is told to stop: a browser keeps its lines open for as long as it may."""

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        for line in list(self.server_state.connections):
            line.transport.abort()
        await super().shutdown(sockets)


class Visitor:
    """One browser at one test's server. ``looked_at``: the addresses of all pages that axe saw."""

    def __init__(self, driver: WebDriver, world: World, address: str) -> None:
        self.driver = driver
        self.world = world
        self.desk = Desk(driver, address)
        self.looked_at: list[str] = []

    def sign_in(self, role: Role) -> None:
        """Sign in by keyboard, from the page that opens by itself."""
        self.desk.open("/sign-in")
        self.desk.type(self.world.tenant.slug, TAB)
        self.desk.type(self.world.user(role).email, TAB)
        self.desk.type(PASSWORD, ENTER)
        assert self.desk.wait_for("Sign out", seconds=WAIT_S), self.desk.read()

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def look_for_faults(self, *where: str) -> None:
        """Let axe look at the page as it is: on a laptop, and its contrasts in the dark and on a phone."""
        assert self.desk.wait_for(*where, seconds=WAIT_S), (where, self.desk.read())
        faults = self._axe({})
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
        )
        faults += self._axe(LIKELY_TO_CONTRAST)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        self.desk.use(PHONE)
        faults += self._axe({})
        faults += [] if self.run("return document.documentElement.scrollWidth <= innerWidth") else ["scrolls sideways"]
        self.desk.use(LAPTOP)
        assert faults == [], self.desk.path
        self.looked_at.append(self.desk.path.partition("?")[0])

    def walk(self) -> list[str]:
        """Walk the page by Tab from its beginning; every stop in order, seen, and none left out. Return their names."""
        self.run("document.querySelector('.skip').focus()")
        self.desk.press(TAB)
        self.desk.step_back()
        wanted = self.run(REACHABLE)
        stops: list[dict[str, Any]] = [self.run(FOCUS)]
        for _ in range(MOST_STOPS):
            self.desk.press(TAB)
            stop = self.run(FOCUS)
            if stop is None or stop["place"] == stops[0]["place"]:
                break
            if stop["place"] != stops[-1]["place"]:
                # A date has a stop for each of its parts; they are one field.
                stops.append(stop)
        assert [stop["place"] for stop in stops] == [each["place"] for each in wanted], (self.desk.path, stops, wanted)
        assert [stop["name"] for stop in stops if not (stop["shows"] and stop["seen"])] == [], self.desk.path
        # A live part is replaced when something happened; only what has an id finds its focus again.
        assert [each["name"] for each in wanted if each["inLive"] and not each["id"]] == [], self.desk.path
        return [str(stop["name"]) for stop in stops]

    def look_and_walk(self, pages: Mapping[str, str]) -> None:
        """Open each page, know it by a word on it, let axe look and walk it by Tab."""
        for path, word in pages.items():
            self.desk.open(path)
            self.look_for_faults(word)
            self.walk()

    def open_window(self, password: str) -> None:
        """Ask for a pairing window."""
        self.desk.open("/kiosks/window")
        self.desk.fill("Your password", password)
        self.desk.press(ENTER)

    def go_to(self, name: str) -> None:
        """Press Tab until the focus is on what has this name."""
        for _ in range(MOST_STOPS):
            if self.driver.switch_to.active_element.accessible_name.strip().startswith(name):
                return
            self.desk.press(TAB)
        raise AssertionError(f"{name} is not reached on {self.desk.path}")

    def choose(self, name: str) -> None:
        """Go to a link or button, and press Enter."""
        self.go_to(name)
        self.desk.press(ENTER)

    def _axe(self, options: dict[str, Any]) -> list[str]:
        self.run(AXE)
        script = "const done = arguments[1]; axe.run(document, arguments[0]).then((found) => done(found.violations))"
        found = self.driver.execute_async_script(script, options)
        return [f"{each['id']}: {node['html']} {node['failureSummary']}" for each in found for node in each["nodes"]]


AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text() if not missing_programs() else ""


@pytest.fixture(scope="session")
def certificate() -> Iterator[ServerCertificate]:
    with TemporaryDirectory(prefix="web-") as name:
        yield ensure_server_certificate(Path(name), ["127.0.0.1"], datetime.now(UTC))


@pytest.fixture(scope="session")
def driver(certificate: ServerCertificate) -> Iterator[WebDriver]:
    # Not in pytest's own folder, whose long name leaves no room for the browser's socket.
    with (
        TemporaryDirectory(prefix="web-", ignore_cleanup_errors=True) as name,
        chromium(Path(name), certificate.ca_file) as started,
    ):
        started.set_script_timeout(WAIT_S)
        yield started


@pytest.fixture
def visitor(driver: WebDriver, certificate: ServerCertificate, world: World) -> Iterator[Visitor]:
    """Nobody yet: a fresh server, no cookies."""
    application = create_api(world.house)
    add_dashboard(application, world.house)
    config = uvicorn.Config(
        application,
        port=0,
        ssl_certfile=certificate.chain_file,
        ssl_keyfile=certificate.key_file,
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    with _serving(Server(config)) as address:
        yield Visitor(driver, world, address)
        driver.delete_all_cookies()
        driver.get("about:blank")


@contextmanager
def _serving(server: Server) -> Iterator[str]:
    thread = threading.Thread(target=server.run, name="dashboard")
    thread.start()
    try:
        assert wait_until(lambda: server.started or not thread.is_alive(), WAIT_S)
        yield f"https://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(WAIT_S)


def test_empty_pages_have_no_faults(visitor: Visitor) -> None:
    """Before anything is there: each list teaches what to do, and the way in has no fault either."""
    visitor.desk.open("/sign-in")
    visitor.look_for_faults("Sign in")
    visitor.walk()
    visitor.sign_in(Role.SITE_ADMIN)
    visitor.look_and_walk(
        {
            "/visits": "Nobody is expected",
            "/visits?show=on-site": "Nobody is on site",
            "/visits?show=done": "Nothing ended",
            "/visits?q=nobody": "Nobody here matches",
            "/conflicts": "Nothing to settle",
            "/kiosks": "No kiosk yet",
            "/kiosks/window": "Open a window",
        }
    )


def test_filled_pages_have_no_faults(visitor: Visitor) -> None:
    """Every page of the table, with people, conflicts and kiosks that are well, ill, silent and revoked."""
    people = _fill(visitor.world)
    visitor.sign_in(Role.TENANT_ADMIN)
    visitor.look_and_walk(
        {
            "/visits": "Grace Hopper",
            "/visits?show=on-site": "Ada Lovelace",
            "/visits?show=done": "Cancelled",
            "/visits/new": "Visitor's name",
            f"/visits/{people.expected}": "Check in by hand",
            f"/visits/{people.expected}/print": "Print this page",
            f"/visits/{people.expected}/cancel": "Cancel this visit?",
            f"/visits/{people.twice}": "let in more than once",
            "/conflicts": "Settle",
            "/kiosks": "Revoked",
            f"/kiosks/{people.kiosk}": "Fault CAM-2",
            f"/kiosks/{people.kiosk}/revoke": "Revoke this kiosk?",
        }
    )
    visitor.open_window(PASSWORD)
    visitor.look_for_faults("Type these digits")
    visitor.walk()
    pages = {
        page.path
        for page in PAGES
        if page.method == "GET" and not page.path.startswith(("/web/", "/live")) and "/code." not in page.path
    }
    seen = {re.sub(r"/[\w-]{11,}", "/*", address) for address in visitor.looked_at}
    wanted = {re.sub(r"\{\w+\}", "*", path) for path in pages} - {"/", "/sign-in"}
    assert wanted <= seen


def test_errors_have_no_faults(visitor: Visitor) -> None:
    """What was typed wrongly stands with its reason beside the field; refusals and what is not there have a page."""
    desk = visitor.desk
    desk.open("/sign-in")
    for text in (visitor.world.tenant.slug, "nobody@acme.example"):
        desk.type(text, TAB)
    desk.type("wrong", ENTER)
    visitor.look_for_faults("Organisation, email address or password is wrong.")
    visitor.sign_in(Role.SITE_ADMIN)
    desk.open("/visits/new")
    desk.type("Hedy Lamarr")
    desk.fill("Host's email", "nobody@acme.example")
    desk.press(ENTER)
    visitor.look_for_faults("Not registered yet")
    visitor.walk()
    visitor.open_window("wrong password")
    visitor.look_for_faults("password is wrong")
    visitor.walk()
    twice = _twice(visitor.world)
    desk.open("/conflicts")
    desk.fill("Reason", "  ")
    desk.press(ENTER)
    visitor.look_for_faults("The reason must have")
    kiosk = visitor.world.kiosk("Lobby")
    desk.open(f"/kiosks/{kiosk.device_id}")
    desk.fill("Name", "  ")
    desk.press(ENTER)
    visitor.look_for_faults("must have 1 to")
    desk.open("/visits/nothing-here")
    visitor.look_for_faults("There is nothing here")
    visitor.walk()
    assert twice


def test_the_keyboard_alone_does_everything(visitor: Visitor) -> None:
    """No mouse: register, let in and out, settle, cancel, rename, revoke, pair, leave."""
    desk, world = visitor.desk, visitor.world
    _twice(world)
    kiosk = world.kiosk("Lobby")
    visitor.sign_in(Role.SITE_ADMIN)
    visitor.choose("Skip to the content")
    visitor.choose("Register a visit")
    assert desk.wait_for("Visitor's name")
    desk.type("Hedy Lamarr", ENTER)
    assert desk.wait_for("Give the visitor this code")
    visitor.choose("Check in by hand")
    assert desk.wait_for("Let in by hand")
    visitor.choose("Check out")
    assert desk.wait_for("Left, noted by hand")
    visitor.choose("Conflicts")
    assert desk.wait_for("let in more than once")
    visitor.go_to("Reason")
    desk.type("One person, two doors", ENTER)
    assert desk.wait_for("Nothing to settle")
    world.visit("Grace Hopper")
    visitor.choose("Visits")
    assert desk.wait_for("Grace Hopper")
    visitor.choose("Grace Hopper")
    visitor.choose("Cancel the visit")
    assert desk.wait_for("Cancel this visit?")
    visitor.choose("Cancel the visit")
    assert desk.wait_for("Cancelled")
    visitor.choose("Kiosks")
    assert desk.wait_for("Open a pairing window")
    visitor.choose("Lobby")
    visitor.go_to("Name")
    desk.type(" West", ENTER)
    assert desk.wait_for("West")
    visitor.choose("Revoke")
    assert desk.wait_for("Revoke this kiosk?")
    visitor.choose("Revoke the kiosk")
    assert desk.wait_for("Revoked")
    with world.house.archive.of(world.tenant.id) as records:
        assert records.devices.get(kiosk.device_id).revoked_at is not None
    visitor.choose("Open a pairing window")
    desk.wait_for("Your password")
    desk.type(PASSWORD, ENTER)
    assert desk.wait_for("Type these digits")
    visitor.choose("Sign out")
    assert desk.wait_for("Sign in")


def test_the_focus_stays_where_it_was_when_the_page_refreshes_itself(visitor: Visitor) -> None:
    """An arrival appears by itself, and who was about to press Enter on a name still is."""
    world, desk = visitor.world, visitor.desk
    here, kiosk = world.visit("Grace Hopper"), world.kiosk("Lobby")
    visitor.sign_in(Role.SITE_ADMIN)
    assert desk.wait_for("Grace Hopper")
    visitor.go_to("Grace Hopper")
    desk.mark()
    world.visit("Ada Lovelace")
    assert desk.wait_for("Ada Lovelace", seconds=WAIT_S)
    assert desk.is_marked()
    assert visitor.driver.switch_to.active_element.accessible_name.strip() == "Grace Hopper"
    visitor.choose("On site")
    assert desk.wait_for("Nobody is on site")
    desk.mark()
    kiosk.send(kiosk.item(here.token, 1))
    assert desk.wait_for("Grace Hopper", seconds=WAIT_S)
    assert desk.is_marked()


@dataclass(frozen=True, slots=True)
class People:
    """Identifiers of what a filled house holds."""

    expected: str
    twice: str
    kiosk: str


def _twice(world: World) -> str:
    """Let one code in at two doors that did not know of each other; return the visit."""
    issued, first, second = world.visit("Lise Meitner"), world.kiosk("North"), world.kiosk("South")
    first.send(first.item(issued.token, 1))
    second.send(second.item(issued.token, 2))
    return issued.visit.id


def _fill(world: World) -> People:
    """Have visits in every state, and kiosks of every kind."""
    expected = world.visit(
        "Grace Hopper", visitor_company="Navy", room="Room 2", arrival=world.clock.now + timedelta(hours=1)
    )
    present, gone, ill, silent = world.visit(), world.visit("Mary"), world.kiosk("Lobby"), world.kiosk("Cellar")
    beat(silent)
    world.clock.advance(minutes=10)
    twice = _twice(world)
    ill.send(ill.item(present.token, 1))
    beat(ill, waiting=12, parked=1, clock="suspect", camera="CAM-2")
    visits.cancel_visit(world.house, world.tenant.id, gone.visit.id, OPERATOR)
    devices.revoke_device(world.house, world.tenant.id, world.kiosk("Stolen").device_id, OPERATOR)
    return People(expected.visit.id, twice, ill.device_id)
