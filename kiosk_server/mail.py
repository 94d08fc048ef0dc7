"""Email by SMTP: one connection and one recipient a message, each step bounded in time."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final
from urllib.parse import unquote, urlsplit

from kiosk_server.services.alerts import Mail, MailError
from kiosk_server.services.failures import SettingsError

TIMEOUT_S: Final = 10
_PORTS: Final = {"smtp": 25, "smtps": 465}
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where emails are handed over. ``is_tls``: from the first byte; otherwise STARTTLS where the server offers it."""

    host: str
    port: int
    is_tls: bool
    user: str | None = None
    password: str | None = None


def parse_smtp_url(text: str) -> SmtpServer:
    """Return the server named by ``smtp://[USER:PASSWORD@]HOST[:PORT]`` or ``smtps://…``.

    Raises:
        SettingsError: it is no such address. The sentence does not repeat it: it may hold a password.
    """
    try:
        link = urlsplit(text)
        port = link.port
    except ValueError:
        raise SettingsError("the SMTP address cannot be read") from None
    if link.scheme not in _PORTS or not link.hostname or link.path not in {"", "/"} or link.query or link.fragment:
        raise SettingsError("the SMTP address must be smtp://[USER:PASSWORD@]HOST[:PORT] or smtps://…")
    user, password = (None if part is None else unquote(part) for part in (link.username, link.password))
    return SmtpServer(link.hostname, port or _PORTS[link.scheme], link.scheme == "smtps", user, password)


class SmtpMailer:
    """Sends emails through one server, from one address."""

    def __init__(self, server: SmtpServer, sender: str, context: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._sender = sender
        self._context = context or ssl.create_default_context()

    def __call__(self, mail: Mail) -> None:
        """Send one email.

        Raises:
            MailError: it was not taken.
        """
        try:
            with self._connect() as smtp:
                self._greet(smtp)
                smtp.send_message(self._message(mail), self._sender, [mail.to])
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise MailError("recipient_refused", is_final=all(code >= 500 for code in codes)) from None
        except (smtplib.SMTPException, OSError) as error:
            raise MailError(type(error).__name__, is_final=False) from None
        except (ValueError, LookupError):
            # What the email package raises on addresses that no header can hold.
            raise MailError("address", is_final=True) from None

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        # The sender's domain, so that our host's name stays ours.
        name = self._sender.rpartition("@")[2]
        if server.is_tls:
            return smtplib.SMTP_SSL(server.host, server.port, name, timeout=TIMEOUT_S, context=self._context)
        return smtplib.SMTP(server.host, server.port, name, timeout=TIMEOUT_S)

    def _greet(self, smtp: smtplib.SMTP) -> None:
        server = self._server
        smtp.ehlo_or_helo_if_needed()
        is_private = server.is_tls or server.host in _LOOPBACK
        if not server.is_tls and smtp.has_extn("starttls"):
            smtp.starttls(context=self._context)
            smtp.ehlo()
            is_private = True
        if server.user is None:
            return
        if not is_private:
            raise MailError("password_without_tls", is_final=False)
        smtp.login(server.user, server.password or "")

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, mail.to, mail.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        # RFC 3834 §5: nobody's holiday notice shall answer a machine.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message
