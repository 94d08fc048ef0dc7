"""The two cookies, and the tokens that forms carry.

``__Host-`` makes browsers insist on Secure, on the path ``/`` and on no Domain, so that no neighbouring host can set
ours. A form's token is derived from the cookie: it changes with every session, and a page that holds it does not give
the cookie away.
"""

import hashlib
import hmac
import re
from typing import Final

from starlette.responses import Response

SESSION: Final = "__Host-atrium-session"
DOOR: Final = "__Host-atrium-door"
"""Before a session there is none to derive a token from: the sign-in form has a cookie of its own."""
TOKEN_FIELD: Final = "csrf"  # noqa: S105 - a field's name
_DOOR_FORM: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def form_token(cookie: str) -> str:
    """Return what a form must carry that is sent with ``cookie``."""
    return hmac.new(cookie.encode("utf-8"), b"atrium form", hashlib.sha256).hexdigest()


def is_form_token(cookie: str, token: str) -> bool:
    """Compare in constant time."""
    return bool(cookie) and hmac.compare_digest(form_token(cookie).encode("ascii"), token.encode("utf-8"))


def is_door(cookie: str) -> bool:
    """Whether the cookie is one that the sign-in page makes."""
    return _DOOR_FORM.fullmatch(cookie) is not None


def put(response: Response, name: str, value: str) -> None:
    """Set a cookie that ends with the browser; how long it counts is the server's to say."""
    response.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="lax")


def drop(response: Response, name: str) -> None:
    """Delete a cookie."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")
