"""The one shell around every page: bounds, session, role, form, headers. No page can forget one of them.

What browsers are told with every answer: run our one script and nothing else, show us in no frame, keep no copy.
"""

import logging
from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from kiosk_server.domain.problems import (
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    Problem,
    TooManyError,
    UnauthenticatedError,
    WrongStateError,
)
from kiosk_server.domain.roles import Role
from kiosk_server.services.accounts import UserPrincipal
from kiosk_server.services.failures import StoreError
from kiosk_server.services.house import House
from kiosk_server.services.web_sessions import read_session
from kiosk_server.web import cookies, render
from kiosk_server.web.pages import Ask, Page

log = logging.getLogger(__name__)

LONGEST_FORM_BYTES: Final = 64 * 1024
MOST_FIELDS: Final = 50
LONGEST_QUERY: Final = 1024
LIVE_HEADER: Final = "x-live"
"""Sent by the script that keeps a page fresh: such a request keeps no session alive."""

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with it browsers send `Origin: null` with our own forms, which are then refused.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
STATUS: Final[Mapping[type[Problem], int]] = {
    BadRequestError: 400,
    UnauthenticatedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    WrongStateError: 409,
    TooManyError: 429,
}
_TITLES: Final[Mapping[int, str]] = {
    400: "This cannot be done",
    403: "This is not allowed",
    404: "There is nothing here",
    409: "This has changed meanwhile",
    429: "Please wait a little",
    503: "The server cannot reach its database",
}
DESTINATIONS: Final[Mapping[str, str]] = {
    "visits": "/visits",
    "new-visit": "/visits/new",
    "conflicts": "/conflicts",
    "kiosks": "/kiosks",
    "window": "/kiosks/window",
}
"""Where sign-in may lead to: names, so that no address of anybody else's making is ever followed."""
_NAME_OF: Final = {path: name for name, path in DESTINATIONS.items()}


def home_of(role: Role) -> str:
    """Return where somebody of ``role`` begins."""
    return "/kiosks" if role is Role.INSTALLER else "/visits"


async def read_form(request: Request) -> bytes:
    """Return the body, read no further than 64 KiB whatever its stated length.

    Raises:
        HTTPException: 413.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM_BYTES:
            raise HTTPException(413)
    return bytes(body)


def add_page(router: APIRouter, house: House, page: Page) -> None:
    """Add ``page`` to ``router``."""

    def serve(request: Request, body: Annotated[bytes, Depends(read_form)]) -> Response:
        response = _answer(house, page, request, body)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    router.add_api_route(page.path, serve, methods=[page.method], response_class=Response, include_in_schema=False)


def _answer(house: House, page: Page, request: Request, body: bytes) -> Response:
    user = None
    try:
        user = _session(house, request)
        _admit(page, user)
        return page.run(_ask(house, page, request, user, body))
    except UnauthenticatedError:
        return _to_sign_in(request)
    except Problem as problem:
        return _problem_page(house, user, request, STATUS[type(problem)], problem.message)
    except StoreError as error:
        # No traceback: a database that is away is the surroundings' matter and logs one line, like the API.
        log.error("%s %s %s", error.code, type(error).__name__, error.detail)  # noqa: TRY400
        return _problem_page(house, None, request, 503, "Nothing was changed. Please try again in a moment.")


def _session(house: House, request: Request) -> UserPrincipal | None:
    cookie = request.cookies.get(cookies.SESSION, "")
    return read_session(house, cookie, is_used=LIVE_HEADER not in request.headers) if cookie else None


def _admit(page: Page, user: UserPrincipal | None) -> None:
    """Let only those pass whom the page is for."""
    if page.roles == "everybody":
        return
    if user is None:
        raise UnauthenticatedError("no_session", "Please sign in.")
    if user.user.role not in page.roles:
        raise ForbiddenError("forbidden", "Your role does not include this page.")


def _ask(house: House, page: Page, request: Request, user: UserPrincipal | None, body: bytes) -> Ask:
    if len(request.url.query) > LONGEST_QUERY:
        raise BadRequestError("query", "The address is too long.")
    cookie = request.cookies.get(cookies.DOOR if page.roles == "everybody" else cookies.SESSION, "")
    form: Mapping[str, str] = {}
    if page.method == "POST":
        form = _fields(request, body)
        _check_source(house, request)
        if not cookies.is_form_token(cookie, form.get(cookies.TOKEN_FIELD, "")):
            raise ForbiddenError("form", "This form is not from your session any more. Please go back and try again.")
    token = cookies.form_token(cookie)
    return Ask(house, user, token, request.path_params, request.query_params, form, request.cookies)


def _fields(request: Request, body: bytes) -> Mapping[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise BadRequestError("form", "This is no form.")
    try:
        text = body.decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace"))
    except ValueError:
        raise BadRequestError("form", "This is no form.") from None


def _check_source(house: House, request: Request) -> None:
    """Take forms from our own pages only: browsers say where a form was, and pages cannot make them lie.

    Second to the token. The address people typed and the public one are both ours.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = {house.address.base_url, f"https://{request.headers.get('host', '')}"}
    if (
        (site is None and origin is None)
        or site not in {None, "same-origin"}
        or (origin is not None and origin not in own)
    ):
        raise ForbiddenError("form", "This form was not sent from this server's own page.")


def _to_sign_in(request: Request) -> Response:
    name = _NAME_OF.get(request.url.path) if request.method == "GET" else None
    response = RedirectResponse("/sign-in" if name is None else f"/sign-in?to={name}", 303)
    if cookies.SESSION in request.cookies:
        cookies.drop(response, cookies.SESSION)
    return response


def _problem_page(house: House, user: UserPrincipal | None, request: Request, status: int, message: str) -> Response:
    cookie = request.cookies.get(cookies.SESSION, "")
    ask = Ask(house, user, cookies.form_token(cookie), {}, {}, {}, {})
    return render.page(ask, "problem.html", status, title=_TITLES.get(status, "This cannot be done"), message=message)
