"""In and out. The cookie of the sign-in form ends where the session begins, and a session never keeps its name."""

from starlette.responses import RedirectResponse, Response

from kiosk_protocol.encoding import base64url_encode
from kiosk_server.domain.problems import TooManyError, UnauthenticatedError
from kiosk_server.services.web_sessions import close_session, open_session
from kiosk_server.web import cookies
from kiosk_server.web.pages import Ask
from kiosk_server.web.render import page
from kiosk_server.web.shell import DESTINATIONS, home_of

_DOOR_BYTES = 32


def show(ask: Ask) -> Response:
    """Show the form, or the way home to whoever is in already."""
    if ask.user is not None:
        return RedirectResponse(home_of(ask.user.user.role), 303)
    return _form(ask, to=ask.query.get("to", ""), error=None, status=200)


def submit(ask: Ask) -> Response:
    """Open a session."""
    try:
        former = ask.cookies.get(cookies.SESSION)
        opened = open_session(ask.house, ask.field("tenant"), ask.field("email"), ask.form.get("password", ""), former)
    except UnauthenticatedError:
        return _form(ask, ask.field("to"), "Organisation, email address or password is wrong.", 401)
    except TooManyError:
        return _form(ask, ask.field("to"), "Too many failed attempts. Please try again in a quarter of an hour.", 429)
    to = DESTINATIONS.get(ask.field("to")) or home_of(opened.principal.user.role)
    response = RedirectResponse(to, 303)
    cookies.put(response, cookies.SESSION, opened.cookie)
    cookies.drop(response, cookies.DOOR)
    return response


def leave(ask: Ask) -> Response:
    """End the session."""
    close_session(ask.house, ask.cookies.get(cookies.SESSION, ""))
    response = RedirectResponse("/sign-in", 303)
    cookies.drop(response, cookies.SESSION)
    return response


def home(ask: Ask) -> Response:
    """Lead to where the user's work is."""
    return RedirectResponse(home_of(ask.who.user.role), 303)


def _form(ask: Ask, to: str, error: str | None, status: int) -> Response:
    door = ask.cookies.get(cookies.DOOR, "")
    if not cookies.is_door(door):
        door = base64url_encode(ask.house.random(_DOOR_BYTES))
    response = page(
        ask,
        "sign_in.html",
        status,
        token=cookies.form_token(door),
        error=error,
        to=to if to in DESTINATIONS else "",
        tenant=ask.field("tenant"),
        email=ask.field("email"),
    )
    cookies.put(response, cookies.DOOR, door)
    return response
