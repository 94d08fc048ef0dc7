"""Users, their passwords and sessions."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, delete, select
from sqlalchemy.dialects.postgresql import insert

from kiosk_protocol.identifiers import SiteId
from kiosk_server.domain.records import RefreshToken, User
from kiosk_server.domain.roles import Role
from kiosk_server.store import tables as t
from kiosk_server.store.base import Shelf


class UserShelf(Shelf):
    """Implements :class:`kiosk_server.services.ports.Users`."""

    def add(self, user: User, at: datetime) -> None:
        """Store a new user with the sites assigned to it."""
        self._insert(
            t.users, id=user.id, email=user.email, name=user.name, role=user.role, active=user.active, created_at=at
        )
        for site in sorted(user.site_ids):
            self._insert(t.user_sites, user_id=user.id, site_id=site)

    def get(self, user_id: str) -> User | None:
        """Return the user, or None."""
        return self._with_sites(self._one(select(t.users).where(self._mine(t.users, t.users.c.id == user_id))))

    def by_email(self, email: str) -> User | None:
        """Return the user with that address in lower case, or None."""
        return self._with_sites(self._one(select(t.users).where(self._mine(t.users, t.users.c.email == email))))

    def all(self) -> Sequence[User]:
        """Return every user by email address."""
        rows = self._all(select(t.users).where(self._mine(t.users)).order_by(t.users.c.email))
        return [user for row in rows if (user := self._with_sites(row)) is not None]

    def _with_sites(self, row: Row[Any] | None) -> User | None:
        if row is None:
            return None
        query = select(t.user_sites.c.site_id).where(self._mine(t.user_sites, t.user_sites.c.user_id == row.id))
        sites = frozenset(SiteId(assigned.site_id) for assigned in self._all(query))
        return User(row.id, row.email, row.name, Role(row.role), row.active, sites)

    def set_password(self, user_id: str, password_hash: str, at: datetime) -> None:
        """Store or replace the user's password hash."""
        values = {"hash": password_hash, "changed_at": at}
        statement = insert(t.user_passwords).values(tenant_id=self._tenant, user_id=user_id, **values)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[t.user_passwords.c.tenant_id, t.user_passwords.c.user_id], set_=values
            )
        )

    def password_hash(self, user_id: str) -> str | None:
        """Return the user's password hash, or None."""
        table = t.user_passwords
        row = self._one(select(table.c.hash).where(self._mine(table, table.c.user_id == user_id)))
        return None if row is None else str(row.hash)

    def add_refresh(self, token: RefreshToken) -> None:
        """Store a refresh token, by its hash."""
        self._insert(t.refresh_tokens, **asdict(token))

    def take_refresh(self, token_hash: bytes, at: datetime) -> RefreshToken | None:
        """Return the token as it was, and mark it used."""
        table = t.refresh_tokens
        row = self._one(select(table).where(self._mine(table, table.c.hash == token_hash)).with_for_update())
        if row is None:
            return None
        if row.used_at is None:
            self._connection.execute(self._update(table, table.c.hash == token_hash).values(used_at=at))
        return RefreshToken(
            row.hash, row.user_id, row.family, row.issued_at, row.expires_at, row.used_at, row.revoked_at
        )

    def revoke_family(self, family: str, at: datetime) -> None:
        """End every session that came from one login."""
        table = t.refresh_tokens
        self._connection.execute(
            self._update(table, table.c.family == family, table.c.revoked_at.is_(None)).values(revoked_at=at)
        )

    def failures(self, email_hash: bytes, since: datetime) -> int:
        """Return how many logins failed for this address since then."""
        table = t.login_failures
        row = self._one(
            select(table.c.failures).where(
                self._mine(table, table.c.email_hash == email_hash, table.c.first_failed_at >= since)
            )
        )
        return 0 if row is None else int(row.failures)

    def count_failure(self, email_hash: bytes, at: datetime, since: datetime) -> None:
        """Count a failed login; a count that began before ``since`` begins again."""
        table = t.login_failures
        is_old = table.c.first_failed_at < since
        statement = insert(table).values(tenant_id=self._tenant, email_hash=email_hash, failures=1, first_failed_at=at)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[table.c.tenant_id, table.c.email_hash],
                set_={
                    "failures": case((is_old, 1), else_=table.c.failures + 1),
                    "first_failed_at": case((is_old, at), else_=table.c.first_failed_at),
                },
            )
        )

    def forget_failures(self, email_hash: bytes) -> None:
        """Forget failed logins: the right password was given."""
        table = t.login_failures
        self._connection.execute(delete(table).where(self._mine(table, table.c.email_hash == email_hash)))

    def forget_sessions(self, before: datetime) -> None:
        """Delete what ended before then: refresh tokens that expired, and counts of failed logins."""
        tokens, failures = t.refresh_tokens, t.login_failures
        self._connection.execute(delete(tokens).where(self._mine(tokens, tokens.c.expires_at < before)))
        self._connection.execute(delete(failures).where(self._mine(failures, failures.c.first_failed_at < before)))
