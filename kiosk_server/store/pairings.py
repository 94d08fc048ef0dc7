"""Pairing windows and runs. What must not be raced is one statement or stands behind a row lock."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, func, select

from kiosk_protocol.identifiers import DeviceId, SiteId
from kiosk_server.domain.records import PairingRun, PairingWindow, WindowState
from kiosk_server.store import tables as t
from kiosk_server.store.base import Shelf


class PairingShelf(Shelf):
    """Implements :class:`kiosk_server.services.ports.Pairings`."""

    def opened_since(self, site: SiteId, since: datetime) -> int:
        """Return how many windows were opened for the site since then; concurrent openers take turns."""
        # The site's row is the turnstile: two staff members pressing the button at once must not both be the tenth.
        self._connection.execute(
            select(t.sites.c.id).where(self._mine(t.sites, t.sites.c.id == site)).with_for_update()
        )
        table = t.pairing_windows
        query = select(func.count()).where(self._mine(table, table.c.site_id == site, table.c.opened_at > since))
        return int(self._connection.execute(query).scalar_one())

    def open(self, window: PairingWindow) -> None:
        """Store the window and close any other of its site."""
        table = t.pairing_windows
        others = self._update(table, table.c.site_id == window.site, table.c.closed_at.is_(None))
        self._connection.execute(others.values(closed_at=window.opened_at))
        self._insert(
            table,
            id=window.id,
            site_id=window.site,
            sealed_code=window.sealed_code,
            opened_at=window.opened_at,
            expires_at=window.expires_at,
            opened_by=window.opened_by,
            tries=0,
            name=window.name,
        )

    def latest(self, site: SiteId) -> WindowState | None:
        """Return how the site's newest window stands, or None."""
        table = t.pairing_windows
        query = select(table).where(self._mine(table, table.c.site_id == site)).order_by(table.c.opened_at.desc())
        row = self._one(query.limit(1))
        if row is None:
            return None
        return WindowState(
            row.id, row.opened_at, row.expires_at, row.opened_by, row.tries, row.closed_at, row.name is not None
        )

    def count_try(self, site: SiteId, name: str | None, now: datetime, most: int) -> PairingWindow | None:
        """Count one try on the site's open window of that name and return it; None where none is open or it is used up.

        One statement: PostgreSQL evaluates ``tries < most`` again on the row as the previous try left it.
        """
        table = t.pairing_windows
        statement = (
            self._update(
                table,
                table.c.site_id == site,
                table.c.name.is_not_distinct_from(name),
                table.c.closed_at.is_(None),
                table.c.expires_at > now,
                table.c.tries < most,
            )
            .values(tries=table.c.tries + 1)
            .returning(table)
        )
        row = self._connection.execute(statement).one_or_none()
        if row is None:
            return None
        return PairingWindow(
            row.id, SiteId(row.site_id), row.sealed_code, row.opened_at, row.expires_at, row.opened_by, row.name
        )

    def close(self, window_id: str, at: datetime) -> bool:
        """Close the window if it is open and its time not over; return whether this call closed it."""
        table = t.pairing_windows
        statement = self._update(
            table, table.c.id == window_id, table.c.closed_at.is_(None), table.c.expires_at > at
        ).values(closed_at=at)
        return self._connection.execute(statement).rowcount == 1

    def runs_kept(self, site: SiteId) -> int:
        """Return how many unconfirmed runs of the site are stored."""
        table = t.pairing_runs
        query = select(func.count()).where(self._mine(table, table.c.site_id == site, table.c.confirmed_tag.is_(None)))
        return int(self._connection.execute(query).scalar_one())

    def forget_runs(self, site: SiteId, before: datetime) -> None:
        """Delete the site's runs that started before then."""
        table = t.pairing_runs
        self._connection.execute(
            delete(table).where(self._mine(table, table.c.site_id == site, table.c.started_at < before))
        )

    def add_run(self, run: PairingRun) -> None:
        """Store a run."""
        values = asdict(run)
        values["site_id"] = values.pop("site")
        self._insert(t.pairing_runs, **values)

    def lock_run(self, run_id: str) -> PairingRun | None:
        """Return the run once everybody before us is done with it, or None."""
        table = t.pairing_runs
        row = self._one(select(table).where(self._mine(table, table.c.id == run_id)).with_for_update())
        if row is None:
            return None
        return PairingRun(
            id=row.id,
            site=SiteId(row.site_id),
            window_id=row.window_id,
            kiosk_key=row.kiosk_key,
            name=row.name,
            root_hash=row.root_hash,
            sealed_keys=row.sealed_keys,
            started_at=row.started_at,
            confirmed_tag=row.confirmed_tag,
            sealed_answer=row.sealed_answer,
            device_id=None if row.device_id is None else DeviceId(row.device_id),
        )

    def drop_run(self, run_id: str) -> None:
        """Delete a run: it was tried, and failed."""
        table = t.pairing_runs
        self._connection.execute(delete(table).where(self._mine(table, table.c.id == run_id)))

    def confirm_run(self, run_id: str, tag: str, sealed_answer: bytes, device: DeviceId) -> None:
        """Keep the answer, so that a repeated confirmation gets the same bytes."""
        table = t.pairing_runs
        self._connection.execute(
            self._update(table, table.c.id == run_id).values(
                confirmed_tag=tag, sealed_answer=sealed_answer, device_id=device
            )
        )
