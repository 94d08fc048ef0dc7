"""Sessions of the dashboard: opened by a password, known by a cookie, ended by anybody's clock or button.

The cookie holds 256 random bits; stored is only their hash, so that a copy of the database opens no session. Sessions
are rows, not signed claims: signing out ends one at once, and the user is looked up on every request.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.identifiers import TenantId, is_long_id
from kiosk_server.domain.records import User, WebSession
from kiosk_server.services.accounts import UserPrincipal, authenticate_by_password
from kiosk_server.services.house import House
from kiosk_server.services.ports import Records

IDLE_LIFE: Final = timedelta(minutes=30)
WHOLE_LIFE: Final = timedelta(hours=12)
"""OWASP's session guide: idle 15 to 30 minutes at a desk, absolute within a working day."""
SEEN_EVERY: Final = timedelta(minutes=1)
"""How finely "last used" is kept: one write a minute, not one a request."""
_SECRET_BYTES: Final = 32
_LONGEST_COOKIE: Final = 128


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A new session: what the cookie must hold, and whose it is."""

    cookie: str
    principal: UserPrincipal


def open_session(house: House, slug: str, email: str, password: str, former: str | None) -> OpenedSession:
    """Open a session under a new identifier and end the one the browser came with, whoever gave it to the browser.

    Raises:
        UnauthenticatedError: ``invalid_credentials``.
        TooManyError: ``too_many_logins``.
    """
    principal = authenticate_by_password(house, slug, email, password)
    if former is not None:
        close_session(house, former)
    now = house.now()
    cookie = f"{principal.tenant}.{base64url_encode(house.random(_SECRET_BYTES))}"
    with house.archive.of(principal.tenant) as records:
        records.web_sessions.add(WebSession(_hash(cookie), principal.user.id, now, now, now + WHOLE_LIFE))
        records.journal.audit(now, "user", principal.user.id, "desk.signed_in", principal.user.id)
    return OpenedSession(cookie, principal)


def read_session(house: House, cookie: str, *, is_used: bool) -> UserPrincipal | None:
    """Return whose session the cookie is, or None where it is nobody's or over.

    Args:
        house: What use cases work with.
        cookie: What the browser sent.
        is_used: Whether a person did something: a page that keeps itself fresh does not keep a session alive.
    """
    tenant = _tenant_of(cookie)
    if tenant is None:
        return None
    now = house.now()
    with house.archive.of(tenant) as records:
        user = _user_of(records, _hash(cookie), now, is_used=is_used)
    return None if user is None else UserPrincipal(tenant, user)


def _user_of(records: Records, session_hash: bytes, now: datetime, *, is_used: bool) -> User | None:
    session = records.web_sessions.get(session_hash)
    if session is None:
        return None
    if now >= session.expires_at or now - session.seen_at >= IDLE_LIFE:
        records.web_sessions.end(session_hash)
        return None
    user = records.users.get(session.user_id)
    if user is None or not user.active:
        return None
    if is_used and now - session.seen_at >= SEEN_EVERY:
        records.web_sessions.saw(session_hash, now)
    return user


def close_session(house: House, cookie: str) -> None:
    """End the session; one that is unknown ends nothing."""
    tenant = _tenant_of(cookie)
    if tenant is None:
        return
    now = house.now()
    with house.archive.of(tenant) as records:
        session = records.web_sessions.get(_hash(cookie))
        if session is not None:
            records.web_sessions.end(session.hash)
            records.journal.audit(now, "user", session.user_id, "desk.signed_out", session.user_id)


def _tenant_of(cookie: str) -> TenantId | None:
    tenant, _, secret = cookie.partition(".")
    if not is_long_id(tenant) or not secret.isascii() or len(cookie) > _LONGEST_COOKIE:
        return None
    return TenantId(tenant)


def _hash(cookie: str) -> bytes:
    # 256 random bits need no slow hash.
    return hashlib.sha256(cookie.encode("ascii")).digest()
