"""A browser without pictures: keeps cookies, fills forms in with what the page gave it, follows nothing by itself."""

import re
import warnings
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx
from starlette.exceptions import StarletteDeprecationWarning

from kiosk_server.domain.roles import Role
from kiosk_server.http.api import create_api
from kiosk_server.web.cookies import DOOR, SESSION, form_token
from kiosk_server.web.dashboard import add_dashboard
from tests.kiosk_server.support import BASE_URL, PASSWORD, World

with warnings.catch_warnings():
    # It asks for httpx2; see tests.kiosk_server.support.
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from fastapi.testclient import TestClient


@dataclass
class Browser:
    """One person at one browser."""

    world: World
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        application = create_api(self.world.house)
        add_dashboard(application, self.world.house)
        self.client = TestClient(application, base_url=BASE_URL, follow_redirects=False, raise_server_exceptions=False)

    def get(self, address: str, **options: Any) -> httpx.Response:
        return self.client.get(address, **options)

    def page(self, address: str) -> str:
        """Return the text of a page that must be there."""
        response = self.get(address)
        assert response.status_code == 200, (address, response.status_code, response.headers.get("location"))
        return response.text

    @property
    def cookie(self) -> str:
        return self.client.cookies.get(SESSION) or ""

    def send(self, address: str, fields: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """Send a form as our own page would: with the session's token, from our own origin."""
        cookie = (self.client.cookies.get(DOOR) if address == "/sign-in" else self.cookie) or ""
        body = {"csrf": form_token(cookie)} | (fields or {})
        return self.client.post(address, data=body, headers={"Origin": BASE_URL} | headers)

    def sign_in(self, role: Role, **changes: str) -> httpx.Response:
        self.get("/sign-in")
        fields = {"tenant": self.world.tenant.slug, "email": self.world.user(role).email, "password": PASSWORD}
        return self.send("/sign-in", fields | changes)


def signed_in(world: World, role: Role) -> Browser:
    """Return a browser in which somebody of ``role`` has signed in."""
    browser = Browser(world)
    assert browser.sign_in(role).status_code == 303
    return browser


def words(page: str) -> str:
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))
