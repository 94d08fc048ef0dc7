"""Email handed to a real small SMTP server on this machine."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.mail_catcher import Catch, caught
from kiosk_server.mail import SmtpMailer, SmtpServer, parse_smtp_url
from kiosk_server.services.alerts import Mail, MailError
from kiosk_server.services.failures import SettingsError
from kiosk_server.tls import ServerCertificate, ensure_server_certificate

MAIL = Mail("staff@acme.example", "Kiosk Lobby is silent", "Nothing was heard.\n")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ServerCertificate:
    return ensure_server_certificate(tmp_path_factory.mktemp("tls"), ["127.0.0.1"], datetime.now(UTC))


def server_side(certificate: ServerCertificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain_file, certificate.key_file)
    return context


def mailer(catch: Catch, scheme: str = "smtp", ca: Path | None = None, login: str = "") -> SmtpMailer:
    context = ssl.create_default_context(cafile=ca)
    return SmtpMailer(parse_smtp_url(f"{scheme}://{login}127.0.0.1:{catch.port}"), "atrium@acme.example", context)


def test_an_email_names_its_recipient_and_nobody_else() -> None:
    """Also what holiday notices look for, and no name of our machine."""
    with caught() as catch:
        mailer(catch)(MAIL)
    recipient, message = catch.mails[0]
    assert (recipient, message["To"], message["From"]) == (MAIL.to, MAIL.to, "atrium@acme.example")
    assert (message["Subject"], message.get_content()) == (MAIL.subject, MAIL.text)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@acme.example>")
    assert sorted(message.keys()) == [
        "Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "MIME-Version", "Message-ID",
        "Subject", "To",
    ]  # fmt: skip


def test_names_beyond_ascii_arrive() -> None:
    with caught() as catch:
        mailer(catch)(Mail(MAIL.to, "Kiosk Empfang Süd is silent", "Größe — مرحبا\n"))
    assert catch.mails[0][1]["Subject"] == "Kiosk Empfang Süd is silent"
    assert catch.mails[0][1].get_content() == "Größe — مرحبا\n"


def test_smtps_and_starttls_are_spoken_and_the_certificate_is_checked(certificate: ServerCertificate) -> None:
    for scheme, offers in (("smtps", False), ("smtp", True)):
        with caught(tls=server_side(certificate), offers_starttls=offers) as catch:
            with pytest.raises(MailError, match="SSLCertVerificationError"):
                mailer(catch, scheme)(MAIL)
            assert catch.mails == []
            mailer(catch, scheme, certificate.ca_file)(MAIL)
        assert catch.recipients == [MAIL.to]
        assert ("STARTTLS" in catch.commands) is offers


@pytest.mark.parametrize(
    ("command", "reply", "is_final"),
    [
        ("RCPT", "550 unknown", True),
        ("RCPT", "451 later", False),
        ("DATA", "554 no", False),
        ("MAIL", "421 busy", False),
    ],
)
def test_a_refusal_says_whether_to_try_again(command: str, reply: str, is_final: bool) -> None:
    with caught(replies={command: [reply]}) as catch:
        with pytest.raises(MailError) as refused:
            mailer(catch)(MAIL)
        assert refused.value.is_final is is_final
        assert MAIL.to not in str(refused.value)
        mailer(catch)(MAIL)
    assert catch.recipients == [MAIL.to]


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "DATA"])
def test_a_server_that_hangs_up_is_tried_again(command: str) -> None:
    with caught(hang_up_on={command}) as catch, pytest.raises(MailError) as refused:
        mailer(catch)(MAIL)
    assert not refused.value.is_final


def test_nobody_listens() -> None:
    with caught() as catch:
        pass
    with pytest.raises(MailError) as refused:
        mailer(catch)(MAIL)
    assert not refused.value.is_final


def test_addresses() -> None:
    assert parse_smtp_url("smtp://mail.example") == SmtpServer("mail.example", 25, is_tls=False)
    assert parse_smtp_url("smtps://mail.example/") == SmtpServer("mail.example", 465, is_tls=True)
    assert parse_smtp_url("smtp://a%40b:p%3Aw@[::1]:2525") == SmtpServer("::1", 2525, False, "a@b", "p:w")


@pytest.mark.parametrize("text", ["", "mail.example", "http://x", "smtp://", "smtp://x:port", "smtp://u:secret@x/y?z"])
def test_what_is_no_address_is_refused_without_repeating_it(text: str) -> None:
    """It may hold a password."""
    with pytest.raises(SettingsError) as refused:
        parse_smtp_url(text)
    assert "secret" not in refused.value.detail
