"""Users and their sessions: login, refresh, logout. Access 15 minutes by JWT, refresh 7 days, rotated, used once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.identifiers import SiteId, TenantId, is_long_id
from kiosk_protocol.pairing import is_slug
from kiosk_server.domain.problems import (
    BadRequestError,
    ForbiddenError,
    TooManyError,
    UnauthenticatedError,
    WrongStateError,
)
from kiosk_server.domain.records import RefreshToken, User
from kiosk_server.domain.roles import Action, Role, may
from kiosk_server.domain.texts import LONGEST_PASSWORD, check_password, clean_email, clean_line
from kiosk_server.domain.times import to_seconds
from kiosk_server.domain.user_tokens import UserClaims, issue_user_token, read_user_token
from kiosk_server.services.house import Actor, House
from kiosk_server.services.keys import signing_key, trusted_keys
from kiosk_server.services.ports import Records
from kiosk_server.services.tenancy import require_site

ACCESS_LIFE: Final = timedelta(minutes=15)
REFRESH_LIFE: Final = timedelta(days=7)
MOST_FAILURES: Final = 10
FAILURES_COUNT_FOR: Final = timedelta(minutes=15)
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class NewUser:
    """What a user is made from."""

    email: str
    name: str
    role: Role
    password: str
    site_ids: frozenset[SiteId] = frozenset()


@dataclass(frozen=True, slots=True)
class Session:
    """What a login or refresh gives out."""

    access_token: str
    refresh_token: str
    user: User


@dataclass(frozen=True, slots=True)
class UserPrincipal:
    """A user who showed an access token that counts."""

    tenant: TenantId
    user: User

    @property
    def actor(self) -> Actor:
        """The user, for the audit log."""
        return Actor("user", self.user.id)


def create_user(house: House, tenant: TenantId, new: NewUser, actor: Actor) -> User:
    """Make a user with a password.

    Raises:
        BadRequestError: address, name or password cannot be used, or a role that needs sites has none.
        NotFoundError: ``unknown_site``.
        WrongStateError: ``email_taken``.
    """
    check_password(new.password)
    email, name = clean_email(new.email), clean_line(new.name, "name")
    if new.role is not Role.TENANT_ADMIN and not new.site_ids:
        raise BadRequestError("sites", "This role needs at least one site.")
    password_hash = house.passwords.hash(new.password)
    now = house.now()
    with house.archive.of(tenant) as records:
        for site in new.site_ids:
            require_site(records, site)
        if records.users.by_email(email) is not None:
            raise WrongStateError("email_taken", "Another user has this email address.")
        user = User(house.long_id(), email, name, new.role, active=True, site_ids=new.site_ids)
        records.users.add(user, now)
        records.users.set_password(user.id, password_hash, now)
        records.journal.audit(now, actor.kind, actor.id, "user.created", user.id, role=user.role.value)
    return user


def list_users(house: House, tenant: TenantId) -> Sequence[User]:
    """Return every user by email address."""
    with house.archive.of(tenant) as records:
        return records.users.all()


def login(house: House, slug: str, email: str, password: str) -> Session:
    """Open a session.

    Raises:
        UnauthenticatedError: ``invalid_credentials``, whichever of tenant, address and password is wrong.
        TooManyError: ``too_many_logins`` after ten failures within a quarter of an hour for one address.
    """
    principal = authenticate_by_password(house, slug, email, password)
    user, now = principal.user, house.now()
    with house.archive.of(principal.tenant) as records:
        session = _new_session(house, records, user, house.long_id(), now)
        records.journal.audit(now, "user", user.id, "login.succeeded", user.id)
    return session


def authenticate_by_password(house: House, slug: str, email: str, password: str) -> UserPrincipal:
    """Return the user whose password this is; failures are counted.

    Raises:
        UnauthenticatedError: ``invalid_credentials``, whichever of tenant, address and password is wrong.
        TooManyError: ``too_many_logins`` after ten failures within a quarter of an hour for one address.
    """
    tenant = house.archive.tenant_of_slug(slug) if is_slug(slug) else None
    if tenant is None:
        # The same work as for a tenant that exists: who asks learns nothing from the time it takes.
        house.passwords.matches(None, password[:LONGEST_PASSWORD])
        raise _invalid_credentials()
    return UserPrincipal(tenant, _check_login(house, tenant, email.strip().lower(), password))


def _check_login(house: House, tenant: TenantId, email: str, password: str) -> User:
    now = house.now()
    email_hash = hashlib.sha256(email.encode("utf-8", "surrogatepass")).digest()
    with house.archive.of(tenant) as records:
        if records.users.failures(email_hash, now - FAILURES_COUNT_FOR) >= MOST_FAILURES:
            raise TooManyError("too_many_logins", "Too many failed logins; try again in a quarter of an hour.")
        user = records.users.by_email(email) if email.isprintable() else None
        stored = None if user is None or not user.active else records.users.password_hash(user.id)
    # Outside any transaction: hashing takes its time, and a connection held meanwhile would be missing elsewhere.
    matches = house.passwords.matches(stored, password[:LONGEST_PASSWORD])
    with house.archive.of(tenant) as records:
        if matches and user is not None and stored is not None:
            records.users.forget_failures(email_hash)
            if house.passwords.is_outdated(stored):
                records.users.set_password(user.id, house.passwords.hash(password), now)
            return user
        records.users.count_failure(email_hash, now, now - FAILURES_COUNT_FOR)
        records.journal.audit(now, "stranger", None, "login.failed", None if user is None else user.id)
    raise _invalid_credentials()


def refresh(house: House, refresh_token: str) -> Session:
    """Trade a refresh token for a new session. One that comes a second time ends every session of its login.

    Raises:
        UnauthenticatedError: ``invalid_refresh_token``.
    """
    tenant, token_hash = _read_refresh_token(refresh_token)
    now = house.now()
    with house.archive.of(tenant) as records:
        session = _rotate(house, records, token_hash, now)
    # Raised after the commit: the revocation of a stolen family must stay.
    if session is None:
        raise _invalid_refresh()
    return session


def _rotate(house: House, records: Records, token_hash: bytes, now: datetime) -> Session | None:
    token = records.users.take_refresh(token_hash, now)
    if token is None:
        return None
    if token.used_at is not None:
        # RFC 9700 §4.14.2: either the thief or the owner comes second; we cannot know which, so both must log in.
        records.users.revoke_family(token.family, now)
        records.journal.audit(now, "stranger", None, "refresh.reused", token.user_id)
        return None
    user = records.users.get(token.user_id)
    if token.revoked_at is not None or now >= token.expires_at or user is None or not user.active:
        return None
    return _new_session(house, records, user, token.family, now)


def logout(house: House, refresh_token: str) -> None:
    """End every session of the login this token came from; a token that is unknown ends nothing."""
    tenant, token_hash = _read_refresh_token(refresh_token)
    now = house.now()
    with house.archive.of(tenant) as records:
        token = records.users.take_refresh(token_hash, now)
        if token is not None:
            records.users.revoke_family(token.family, now)
            records.journal.audit(now, "user", token.user_id, "logout", token.user_id)


def authenticate_user(house: House, tenant: TenantId, token: str) -> UserPrincipal:
    """Return the user behind an access token. ``tenant`` is what the token itself says, not verified yet.

    Raises:
        UnauthenticatedError: ``invalid_token``.
    """
    with house.archive.of(tenant) as records:
        claims = read_user_token(token, trusted_keys(records, "user"), to_seconds(house.now()))
        user = None if claims is None or claims.tenant != tenant else records.users.get(claims.user)
    if user is None or not user.active:
        raise UnauthenticatedError("invalid_token", "This token does not count here.")
    return UserPrincipal(tenant, user)


def require(principal: UserPrincipal, action: Action, site: SiteId) -> None:
    """Let the user do ``action`` at ``site``.

    Raises:
        ForbiddenError: ``forbidden``.
    """
    if not may(principal.user.role, principal.user.site_ids, action, site):
        raise ForbiddenError("forbidden", "Your role does not allow this here.")


def require_password(house: House, principal: UserPrincipal, password: str) -> None:
    """Let only somebody pass who gives the user's password again: a session left open is not enough.

    Raises:
        ForbiddenError: ``wrong_password``.
        TooManyError: ``too_many_logins``.
    """
    try:
        _check_login(house, principal.tenant, principal.user.email, password)
    except UnauthenticatedError:
        raise ForbiddenError("wrong_password", "The password is wrong.") from None


def sites_for(house: House, principal: UserPrincipal, action: Action) -> Sequence[SiteId]:
    """Return the sites where the user may do ``action``."""
    with house.archive.of(principal.tenant) as records:
        sites = [site.id for site in records.sites.all()]
    return [site for site in sites if may(principal.user.role, principal.user.site_ids, action, site)]


def _new_session(house: House, records: Records, user: User, family: str, now: datetime) -> Session:
    secret = base64url_encode(house.random(_SECRET_BYTES))
    refresh_token = f"{records.tenant_id}.{secret}"
    records.users.add_refresh(RefreshToken(_hash(refresh_token), user.id, family, now, now + REFRESH_LIFE))
    kid, key = signing_key(house, records, "user", now)
    claims = UserClaims(
        user=user.id,
        tenant=records.tenant_id,
        site_ids=tuple(sorted(user.site_ids)),
        role=user.role.value,
        token_id=house.long_id(),
        issued_at=to_seconds(now),
        expires=to_seconds(now + ACCESS_LIFE),
    )
    return Session(issue_user_token(claims, kid, key), refresh_token, user)


def _read_refresh_token(text: str) -> tuple[TenantId, bytes]:
    """Return whose token it is by its first part, and its hash: opaque to clients, but rows belong to tenants."""
    tenant, _, secret = text.partition(".")
    if not is_long_id(tenant) or not secret.isascii() or len(text) > 128:
        raise _invalid_refresh()
    return TenantId(tenant), _hash(text)


def _hash(token: str) -> bytes:
    # 256 random bits need no slow hash.
    return hashlib.sha256(token.encode("ascii")).digest()


def _invalid_credentials() -> UnauthenticatedError:
    return UnauthenticatedError("invalid_credentials", "Tenant, email address or password is wrong.")


def _invalid_refresh() -> UnauthenticatedError:
    return UnauthenticatedError("invalid_refresh_token", "This session is over; please log in again.")
