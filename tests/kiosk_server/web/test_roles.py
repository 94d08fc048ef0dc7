"""Pages, methods and roles: only listed cells answer."""

from typing import Final

import pytest
from fastapi.routing import APIRoute

from kiosk_server.domain.roles import Role
from kiosk_server.web.dashboard import PAGES
from tests.kiosk_server.support import World
from tests.kiosk_server.web.browser import Browser, signed_in

T, S, I, M, V = Role.TENANT_ADMIN, Role.SITE_ADMIN, Role.INSTALLER, Role.MEMBER, Role.VIEWER  # noqa: E741
EVERYBODY: Final = {T, S, I, M, V}

# Written out here a second time, so that a slip in the table of the pages is a difference between the two.
CELLS: Final = {
    ("POST", "/sign-out"): EVERYBODY,
    ("GET", "/"): EVERYBODY,
    ("GET", "/live"): EVERYBODY,
    ("GET", "/visits"): {T, S, M, V},
    ("POST", "/visits"): {T, S, M},
    ("GET", "/visits/new"): {T, S, M},
    ("GET", "/visits/{visit}"): {T, S, M, V},
    ("GET", "/visits/{visit}/code.png"): {T, S, M},
    ("GET", "/visits/{visit}/code.svg"): {T, S, M},
    ("GET", "/visits/{visit}/print"): {T, S, M},
    ("GET", "/visits/{visit}/cancel"): {T, S, M},
    ("POST", "/visits/{visit}/cancel"): {T, S, M},
    ("POST", "/visits/{visit}/check-in"): {T, S},
    ("POST", "/visits/{visit}/check-out"): {T, S},
    ("GET", "/conflicts"): {T, S},
    ("POST", "/conflicts/{visit}"): {T, S},
    ("GET", "/kiosks"): {T, S, I, V},
    ("GET", "/kiosks/window"): {T, S, I},
    ("POST", "/kiosks/window"): {T, S, I},
    ("GET", "/kiosks/{kiosk}"): {T, S, I, V},
    ("POST", "/kiosks/{kiosk}/name"): {T, S, I},
    ("GET", "/kiosks/{kiosk}/revoke"): {T, S, I},
    ("POST", "/kiosks/{kiosk}/revoke"): {T, S, I},
}
PUBLIC: Final = {
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/web/style.css"),
    ("GET", "/web/live.js"),
    ("GET", "/web/icon.svg"),
}
ENDLESS: Final = ("GET", "/live")


def test_every_page_is_in_this_table_and_no_other_route_is_served(world: World) -> None:
    """A new page needs its line here; the public ones are the sign-in form and three files."""
    assert {(page.method, page.path) for page in PAGES} == {*CELLS, *PUBLIC}
    assert {(page.method, page.path) for page in PAGES if page.roles == "everybody"} == PUBLIC
    application = Browser(world).client.app
    routes = {
        (method, route.path)
        for route in application.routes  # type: ignore[attr-defined] # the test client types it as any ASGI callable
        if isinstance(route, APIRoute) and not route.path.startswith(("/api", "/health", "/p/"))
        for method in route.methods
    }
    assert routes == {*CELLS, *PUBLIC}


@pytest.mark.parametrize("role", Role)
def test_only_listed_cells_answer(world: World, role: Role) -> None:
    """A role outside a page's cell reads 403, whichever method and however good its form; inside, the page acts."""
    kiosk = world.kiosk()
    browser = signed_in(world, role)
    for (method, path), roles in CELLS.items():
        if (method, path) in {ENDLESS, ("POST", "/sign-out")}:
            continue
        visit = world.visit(host=world.user(role).email).visit
        address = path.format(visit=visit.id, kiosk=kiosk.device_id)
        response = browser.get(address) if method == "GET" else browser.send(address, {"site": world.site.id})
        is_refused = response.status_code == 403 and "Your role does not include this page" in response.text
        assert is_refused == (role not in roles), (method, path, response.status_code)
        if role in roles:
            # 400 and 409 are the page's own words about an empty form or a state; 403 the wrong password's.
            assert response.status_code in ({200, 303} if method == "GET" else {200, 303, 400, 403, 409}), path


@pytest.mark.parametrize("role", Role)
def test_everybody_may_leave(world: World, role: Role) -> None:
    """Signing out answers every role, and the stream its own table's roles."""
    assert CELLS["GET", "/live"] == CELLS["POST", "/sign-out"] == EVERYBODY
    response = signed_in(world, role).send("/sign-out")
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in")


def test_strangers_are_led_to_the_door(world: World) -> None:
    """Without a session every page, whatever its method, is a redirect to sign-in and does nothing."""
    browser = Browser(world)
    visit, kiosk = world.visit().visit, world.kiosk()
    for method, path in CELLS:
        address = path.format(visit=visit.id, kiosk=kiosk.device_id)
        response = browser.get(address) if method == "GET" else browser.send(address)
        assert response.status_code == 303, (method, path)
        assert response.headers["location"].startswith("/sign-in"), (method, path)
    assert world.client.get("/health").status_code == 200


def test_other_methods_are_not_served(world: World) -> None:
    """DELETE, PUT and PATCH have no page."""
    browser = signed_in(world, Role.TENANT_ADMIN)
    visit = world.visit().visit
    for method in ("DELETE", "PUT", "PATCH"):
        assert browser.client.request(method, f"/visits/{visit.id}").status_code == 405
