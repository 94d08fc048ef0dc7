"""Tells chosen roles by email when a kiosk stays silent: once a silence, and once when it is back.

Who is to be told what is noted first, in the database; then each email is attempted at most five times. An attempt is
counted before it is made, so that a crash in between costs a second email at worst, never a stream of them. An email
names kiosk, site and times; the only person in it is whoever gets it.
"""

import logging
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from kiosk_protocol.identifiers import TenantId
from kiosk_server.domain.health import last_contact
from kiosk_server.domain.records import Alert, Device, Site, User
from kiosk_server.domain.roles import Role
from kiosk_server.services.failures import StoreError
from kiosk_server.services.house import House
from kiosk_server.services.ports import Records

log = logging.getLogger(__name__)

SILENT_AFTER: Final = timedelta(minutes=10)
ROLES: Final = frozenset({Role.TENANT_ADMIN, Role.SITE_ADMIN, Role.INSTALLER})
RETRY_AFTER: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
MOST_ATTEMPTS: Final = len(RETRY_AFTER) + 1


@dataclass(frozen=True, slots=True)
class Mail:
    """One email: to whom, and what it says."""

    to: str
    subject: str
    text: str


class MailError(Exception):
    """An email was not taken. ``is_final``: this recipient will never be; otherwise later may be better.

    Attributes:
        code: A machine word for the log; neither address nor answer.
    """

    def __init__(self, code: str, *, is_final: bool) -> None:
        super().__init__(code)
        self.code = code
        self.is_final = is_final


Mailer = Callable[[Mail], None]
"""Sends one email. Raises MailError."""


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """When an alert is due, and to whom it goes: users with one of the roles at the kiosk's site."""

    after: timedelta = SILENT_AFTER
    roles: Set[Role] = ROLES


class Alarm:
    """Watches every kiosk of a house, in one thread.

    While the server was down nobody could be heard, so silence counts from its start at the earliest.
    """

    def __init__(self, house: House, policy: AlertPolicy, mailer: Mailer) -> None:
        self._house = house
        self._policy = policy
        self._mailer = mailer
        self._listening_since = house.now()

    def run_once(self) -> None:
        """Note who is to be told, and tell them. A database that is away is tried again next time."""
        try:
            for tenant in self._house.archive.tenant_ids():
                self._notice(tenant)
                self._deliver(tenant)
        except StoreError as error:
            log.warning("%s alerts put off: %s", error.code, error.detail)

    def _notice(self, tenant: TenantId) -> None:
        now = self._house.now()
        with self._house.archive.of(tenant) as records:
            users = records.users.all()
            for device in records.devices.all():
                if device.revoked_at is None:
                    self._notice_device(records, device, users, now)

    def _notice_device(self, records: Records, device: Device, users: Sequence[User], now: datetime) -> None:
        heard, latest = last_contact(device), records.alerts.latest(device.id)
        silent_for = now - max(heard, self._listening_since)
        if silent_for >= self._policy.after and not any(alert.silent_since == heard for alert in latest):
            for user in users:
                if self._is_told(user, device):
                    records.alerts.add(Alert(device.id, heard, "silent", user.id), now)
        for alert in _outdated(latest, heard):
            if alert.outcome is None:
                # Nobody needs to hear of a silence that is over before the email could be sent.
                records.alerts.settle(alert, "moot", now)
            elif alert.outcome == "sent":
                records.alerts.add(Alert(device.id, alert.silent_since, "back", alert.user_id), now)

    def _is_told(self, user: User, device: Device) -> bool:
        at_site = user.role is Role.TENANT_ADMIN or device.site in user.site_ids
        return user.active and at_site and user.role in self._policy.roles

    def _deliver(self, tenant: TenantId) -> None:
        while (taken := self._take(tenant)) is not None:
            alert, mail = taken
            try:
                self._mailer(mail)
            except MailError as error:
                is_over = error.is_final or alert.attempts + 1 >= MOST_ATTEMPTS
                log.warning("SRV-11 alert not sent, attempt %d: %s", alert.attempts + 1, error.code)
                if is_over:
                    self._settle(tenant, alert, sent=False)
                elif not error.is_final:
                    # The mail server is away: the others would only wait for it as well.
                    return
            else:
                self._settle(tenant, alert, sent=True)

    def _take(self, tenant: TenantId) -> tuple[Alert, Mail] | None:
        """Return the next email that is due, its attempt counted already."""
        now = self._house.now()
        with self._house.archive.of(tenant) as records:
            while (alert := records.alerts.take_due(now)) is not None:
                mail = _mail(self._house, records, alert)
                if mail is not None:
                    pause = RETRY_AFTER[min(alert.attempts, len(RETRY_AFTER) - 1)]
                    records.alerts.count_attempt(alert, now + pause)
                    return alert, mail
                records.alerts.settle(alert, "moot", now)
        return None

    def _settle(self, tenant: TenantId, alert: Alert, *, sent: bool) -> None:
        with self._house.archive.of(tenant) as records:
            records.alerts.settle(alert, "sent" if sent else "given_up", self._house.now())


def _outdated(latest: Sequence[Alert], heard: datetime) -> Iterator[Alert]:
    """Yield the alerts of a silence that is over."""
    return (alert for alert in latest if alert.kind == "silent" and alert.silent_since < heard)


def _mail(house: House, records: Records, alert: Alert) -> Mail | None:
    """Return the email, or None where nobody or nothing is left to write about."""
    user, device = records.users.get(alert.user_id), records.devices.get(alert.device)
    site = None if device is None else records.sites.get(device.site)
    if user is None or not user.active or device is None or site is None or device.revoked_at is not None:
        return None
    if alert.kind == "back":
        subject = f"Kiosk {device.name} is back"
        lines = [f"The kiosk {device.name} at {site.name} is back.", "", *_span(alert, device, site)]
    else:
        subject = f"Kiosk {device.name} is silent"
        lines = [
            f"Nothing was heard of the kiosk {device.name} at {site.name}",
            f"since {_at(alert.silent_since, site)}.",
        ]
        lines += ["", "Visitors may still be checked in there; what waits is sent when it is back.", *_waiting(device)]
    return Mail(user.email, subject, "\n".join([*lines, "", house.address.base_url, ""]))


def _span(alert: Alert, device: Device, site: Site) -> list[str]:
    return [f"Silent from  {_at(alert.silent_since, site)}", f"Last heard   {_at(last_contact(device), site)}"]


def _waiting(device: Device) -> list[str]:
    if device.health is None or not device.health.waiting:
        return []
    return [f"Check-ins waiting there when it was last heard: {device.health.waiting}."]


def _at(moment: datetime, site: Site) -> str:
    return moment.astimezone(ZoneInfo(site.time_zone)).strftime("%Y-%m-%d %H:%M %Z")
