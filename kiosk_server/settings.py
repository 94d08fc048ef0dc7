"""What the operator can say: flags first, then the environment, then defaults. Read once, at the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from platformdirs import user_data_path

from kiosk_server.domain.health import OFFLINE_AFTER
from kiosk_server.domain.roles import Role
from kiosk_server.services.alerts import ROLES, SILENT_AFTER
from kiosk_server.services.failures import SettingsError
from kiosk_server.services.rotation import QUARTER

APPLICATION = "atrium-server"
LOOPBACK = "127.0.0.1"
MASTER_KEY_CREDENTIAL = "atrium-master-key"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the program is told from outside.

    Attributes:
        data: Folder of the embedded database, certificates, keys and notes.
        database_url: A PostgreSQL of the operator's own, or None for the embedded one. Its role must be allowed to
            create roles and own the database.
        master_key: Base64url of 32 bytes, or None for the key file in the data folder.
        public_url: ``https://host[:port]`` by which kiosks reach the server, or None for its own address.
        private_ca: Whether kiosks must be given our own CA. False behind a proxy with a public certificate.
        host: Address to listen on.
        port: Port to listen on; 0 for the one used last time, or at first any free one.
        smtp_url: Where emails are handed over, or None: then nobody is told of silent kiosks by email.
        smtp_sender: Whose address they carry.
        alert_after: So long a kiosk is silent before somebody is told.
        alert_roles: Who is told, of those that belong to the kiosk's site.
        rotate_after: Age at which visit keys get a successor; None: never by themselves.
        offline_after: So long a kiosk is silent before lists call it offline; at most ``alert_after``.
    """

    data: Path
    database_url: str | None = None
    master_key: str | None = None
    public_url: str | None = None
    private_ca: bool = True
    host: str = LOOPBACK
    port: int = 0
    smtp_url: str | None = None
    smtp_sender: str = "atrium@localhost"
    alert_after: timedelta = SILENT_AFTER
    alert_roles: frozenset[Role] = ROLES
    offline_after: timedelta = OFFLINE_AFTER
    rotate_after: timedelta | None = QUARTER

    @property
    def keys_folder(self) -> Path:
        """Folder of the master key."""
        return self.data / "keys"

    @property
    def tls_folder(self) -> Path:
        """Folder of the private CA."""
        return self.data / "tls"

    @property
    def postgres_folder(self) -> Path:
        """Folder of the embedded database."""
        return self.data / "postgres"


def data_folder(flag: Path | None, environment: Mapping[str, str]) -> Path:
    """Return the data folder: the flag, else ``ATRIUM_SERVER_DATA``, else the platform's place for user data."""
    named = environment.get("ATRIUM_SERVER_DATA")
    if flag is not None:
        return flag.absolute()
    return Path(named).absolute() if named else user_data_path(APPLICATION, appauthor=False)


def handed_master_key(environment: Mapping[str, str]) -> str | None:
    """Return the master key that somebody handed us, or None: then it lies in the data folder.

    ``ATRIUM_MASTER_KEY`` goes first, then the service manager's credential ``atrium-master-key``. An empty credential
    is returned as such, to be refused: a key made in its place would open nothing.

    Raises:
        OSError: the credential is there and cannot be read.
    """
    named = environment.get("ATRIUM_MASTER_KEY")
    folder = environment.get("CREDENTIALS_DIRECTORY")
    if named or not folder:
        return named or None
    try:
        return Path(folder, MASTER_KEY_CREDENTIAL).read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return None


def read_offline_after(text: str) -> timedelta:
    """Return the silence after which a kiosk counts as offline.

    Raises:
        SettingsError: it is no whole number of seconds from 15 (a kiosk calls every five) to 3600.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and 15 <= int(text) <= 3600):
        raise SettingsError(f"a kiosk counts as offline after 15 to 3600 seconds, not {text!r}")
    return timedelta(seconds=int(text))


def check_public_url(text: str) -> str:
    """Return the public address without a trailing slash.

    Raises:
        SettingsError: it is not ``https://host[:port]``.
    """
    try:
        link = urlsplit(text)
        is_plain = link.scheme == "https" and bool(link.hostname) and link.path in {"", "/"} and link.port != 0
    except ValueError:
        is_plain = False
    if not is_plain or link.query or link.fragment or link.username is not None:
        raise SettingsError(f"the public address must be https://HOST[:PORT], not {text!r}")
    return text.rstrip("/")
