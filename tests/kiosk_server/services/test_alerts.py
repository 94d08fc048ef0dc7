"""Alerts about silent kiosks: to whom, when, how often; by email to a real small SMTP server."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from demo.mail_catcher import Catch, caught
from kiosk_server.domain.roles import Role
from kiosk_server.mail import SmtpMailer, SmtpServer
from kiosk_server.services.alerts import MOST_ATTEMPTS, Alarm, AlertPolicy, Mail, MailError
from kiosk_server.services.devices import revoke_device
from kiosk_server.services.house import OPERATOR
from tests.kiosk_server.support import HandKiosk, World

TOLD = ["installer@acme.example", "site_admin@acme.example", "tenant_admin@acme.example"]


@pytest.fixture
def catch() -> Iterator[Catch]:
    with caught() as catch:
        yield catch


@pytest.fixture
def kiosk(world: World) -> HandKiosk:
    """A kiosk that was just heard, at a site with a user of every role; another site has an installer too."""
    for role in Role:
        world.user(role)
    kiosk = world.kiosk()
    assert kiosk.ask("GET", "/kiosk/trust").status_code == 200
    return kiosk


def only(world: World) -> World:
    """Let the alarm see this test's tenant alone: the database holds many."""

    class OneTenant:
        def __init__(self) -> None:
            self.of = world.house.archive.of

        def tenant_ids(self) -> list[str]:
            return [world.tenant.id]

    object.__setattr__(world.house, "archive", OneTenant())
    return world


def alarm(world: World, catch: Catch, policy: AlertPolicy | None = None) -> Alarm:
    mailer = SmtpMailer(SmtpServer("127.0.0.1", catch.port, is_tls=False), "atrium@acme.example")
    return Alarm(only(world).house, policy or AlertPolicy(), mailer)


def after(world: World, watch: Alarm, **time: float) -> None:
    world.clock.advance(**time)
    watch.run_once()


def speak(kiosk: HandKiosk) -> None:
    assert kiosk.ask("GET", "/kiosk/trust").status_code == 200


def test_chosen_roles_of_the_site_are_told_once_a_silence(world: World, kiosk: HandKiosk, catch: Catch) -> None:
    """Ten minutes after the last word; member and viewer are not, and nobody twice."""
    watch = alarm(world, catch)
    after(world, watch, minutes=9, seconds=59)
    assert catch.mails == []
    after(world, watch, seconds=1)
    assert catch.recipients == TOLD
    for _ in range(3):
        after(world, watch, hours=1)
    assert len(catch.mails) == 3
    text = catch.mails[0][1].get_content()
    assert "Lobby at House" in text
    assert "2026-03-02 09:30 CET" in text
    assert catch.mails[0][1]["Subject"] == "Kiosk Lobby is silent"


def test_and_once_when_it_is_back(world: World, kiosk: HandKiosk, catch: Catch) -> None:
    """Then the next silence is told anew."""
    watch = alarm(world, catch)
    after(world, watch, minutes=11)
    catch.mails.clear()
    speak(kiosk)
    for _ in range(3):
        after(world, watch, minutes=1)
        speak(kiosk)
    assert catch.recipients == TOLD
    assert {message["Subject"] for _, message in catch.mails} == {"Kiosk Lobby is back"}
    after(world, watch, minutes=11)
    assert len(catch.mails) == 6


def test_a_restarted_server_neither_repeats_nor_forgets(world: World, kiosk: HandKiosk, catch: Catch) -> None:
    watch = alarm(world, catch)
    after(world, watch, minutes=11)
    watch = alarm(world, catch)
    after(world, watch, minutes=11)
    assert len(catch.mails) == 3
    speak(kiosk)
    watch.run_once()
    assert len(catch.mails) == 6


def test_a_server_that_was_down_blames_no_kiosk(world: World, kiosk: HandKiosk, catch: Catch) -> None:
    """Nobody could be heard meanwhile; silence counts from its start."""
    world.clock.advance(hours=8)
    watch = alarm(world, catch)
    watch.run_once()
    after(world, watch, minutes=9)
    assert catch.mails == []
    after(world, watch, minutes=1)
    assert catch.recipients == TOLD


def test_time_and_roles_are_chosen(world: World, kiosk: HandKiosk, catch: Catch) -> None:
    watch = alarm(world, catch, AlertPolicy(timedelta(minutes=3), frozenset({Role.VIEWER})))
    after(world, watch, minutes=3)
    assert catch.recipients == ["viewer@acme.example"]


def test_a_revoked_kiosk_is_nobodys_worry(world: World, kiosk: HandKiosk, catch: Catch) -> None:
    watch = alarm(world, catch)
    revoke_device(world.house, world.tenant.id, kiosk.device_id, OPERATOR)
    after(world, watch, hours=1)
    assert catch.mails == []


def test_other_sites_staff_are_not_told(world: World, catch: Catch) -> None:
    """The kiosk stands at the second site, to which only the tenant's admin belongs."""
    for role in Role:
        world.user(role)
    world.kiosk(site=world.other_site.id)
    after(world, alarm(world, catch), minutes=11)
    assert catch.recipients == ["tenant_admin@acme.example"]


class Failing:
    """A mailer that refuses so many times."""

    def __init__(self, times: int, *, is_final: bool = False) -> None:
        self.left = times
        self.is_final = is_final
        self.tried = 0
        self.sent: list[str] = []

    def __call__(self, mail: Mail) -> None:
        self.tried += 1
        if self.left:
            self.left -= 1
            raise MailError("away", is_final=self.is_final)
        self.sent.append(mail.to)


def test_a_mail_server_that_is_away_is_tried_later_and_not_for_ever(world: World, kiosk: HandKiosk) -> None:
    """One attempt a pass, five at most for each recipient."""
    mailer = Failing(1000)
    watch = Alarm(only(world).house, AlertPolicy(), mailer)
    after(world, watch, minutes=11)
    assert mailer.tried == 1
    for _ in range(100):
        after(world, watch, hours=2)
    assert mailer.tried == 3 * MOST_ATTEMPTS
    mailer.left = 0
    after(world, watch, hours=2)
    assert mailer.sent == []


def test_after_an_outage_of_the_mail_server_everybody_is_told_once(world: World, kiosk: HandKiosk) -> None:
    mailer = Failing(2)
    watch = Alarm(only(world).house, AlertPolicy(), mailer)
    for _ in range(6):
        after(world, watch, minutes=11)
    assert sorted(mailer.sent) == TOLD


def test_a_recipient_that_is_refused_for_good_keeps_nobody_else_from_it(world: World, kiosk: HandKiosk) -> None:
    mailer = Failing(1, is_final=True)
    watch = Alarm(only(world).house, AlertPolicy(), mailer)
    for _ in range(3):
        after(world, watch, minutes=61)
    assert (mailer.tried, len(mailer.sent)) == (3, 2)


def test_a_silence_that_ended_before_the_email_could_be_sent_is_told_to_nobody(world: World, kiosk: HandKiosk) -> None:
    mailer = Failing(1)
    watch = Alarm(only(world).house, AlertPolicy(), mailer)
    after(world, watch, minutes=11)
    speak(kiosk)
    for _ in range(3):
        after(world, watch, minutes=1)
        speak(kiosk)
    assert mailer.sent == []
