"""The command line's shell: settings in, one command, one exit status; whatever goes wrong becomes one sentence."""

import logging
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import FrameType

from kiosk_server.app import OpenedDatabase, open_database, open_house
from kiosk_server.cli.commands import COMMANDS
from kiosk_server.cli.failures import complaint_about
from kiosk_server.cli.parser import build_parser
from kiosk_server.cli.printing import show
from kiosk_server.domain.health import OFFLINE_AFTER
from kiosk_server.notes import read_address
from kiosk_server.postgres import Tenure
from kiosk_server.services.alerts import ROLES, SILENT_AFTER
from kiosk_server.services.failures import SettingsError
from kiosk_server.services.house import PublicAddress
from kiosk_server.services.rotation import QUARTER
from kiosk_server.serving import serve
from kiosk_server.settings import Settings, data_folder, handed_master_key, read_offline_after

INTERNAL = 5
TERMINATED = 128 + signal.SIGTERM


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status: 0, 1 refused, 2 usage, 3 address, 4 surroundings, 5 our mistake."""
    parsed = build_parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _terminated)
    # Group and others get nothing of what we write: keys, certificates, the database.
    os.umask(0o077)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO, stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        _run(parsed, _settings(parsed))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Exception as error:  # noqa: BLE001 - the border: nothing reaches the operator as a traceback
        return _complain(error)
    return 0


def _complain(error: Exception) -> int:
    complaint = complaint_about(error)
    if complaint is not None:
        sys.stderr.write(f"atrium-server: {complaint.sentence}\n")
        return complaint.exit_status
    logging.getLogger(__name__).debug("a mistake of our own", exc_info=error)
    sys.stderr.write(f"atrium-server: The program made a mistake: {type(error).__name__}. (SRV-9, see the runbook)\n")
    return INTERNAL


def _terminated(_number: int, _frame: FrameType | None) -> None:
    sys.exit(TERMINATED)


def _settings(parsed: Namespace) -> Settings:
    environment = os.environ
    return Settings(
        data=data_folder(parsed.data, environment),
        database_url=environment.get("DATABASE_URL") or None,
        master_key=handed_master_key(environment),
        public_url=getattr(parsed, "public_url", None) or environment.get("ATRIUM_PUBLIC_URL") or None,
        private_ca=not getattr(parsed, "no_private_ca", False),
        host=getattr(parsed, "host", "127.0.0.1"),
        port=getattr(parsed, "port", 0),
        smtp_url=getattr(parsed, "smtp_url", None) or environment.get("ATRIUM_SMTP_URL") or None,
        smtp_sender=getattr(parsed, "smtp_from", None) or environment.get("ATRIUM_SMTP_FROM") or "atrium@localhost",
        alert_after=getattr(parsed, "alert_after_minutes", SILENT_AFTER),
        rotate_after=getattr(parsed, "rotate_keys_after_days", QUARTER),
        alert_roles=frozenset(getattr(parsed, "alert_role", None) or ROLES),
        offline_after=_offline_after(parsed, environment),
    )


def _offline_after(parsed: Namespace, environment: Mapping[str, str]) -> timedelta:
    text = getattr(parsed, "offline_after_seconds", None) or environment.get("ATRIUM_OFFLINE_AFTER_S")
    return read_offline_after(text) if text else OFFLINE_AFTER


def _run(parsed: Namespace, settings: Settings) -> None:
    if parsed.command == "serve":
        serve(settings)
        return
    logging.getLogger().setLevel(logging.WARNING)
    with open_database(settings, Tenure.COMMAND) as database:
        if parsed.command == "database":
            show({"url": _lasting_url(database)}, [database.admin_url], as_json=parsed.json)
            return
        with open_house(settings, database, _address(parsed, settings)) as house:
            if parsed.command == "migrate":
                show({"migrated": True}, ["The database is up to date."], as_json=parsed.json)
                return
            COMMANDS[parsed.command](house, parsed)


def _lasting_url(database: OpenedDatabase) -> str:
    """Return the database's address, if it will still be good when we are gone."""
    if database.embedded is not None and database.embedded.is_owner:
        raise SettingsError("the embedded database runs only while the server does: start it first")
    if "/proc/self/" in database.admin_url:
        raise SettingsError("the data folder's path is too long for a socket that other programs could reach")
    return database.admin_url


def _address(parsed: Namespace, settings: Settings) -> PublicAddress:
    """Return the address of the running or last server; only set-up codes need it."""
    note = read_address(settings.data)
    if note is not None:
        return PublicAddress(note.public_url)
    if parsed.command == "kiosk window":
        raise SettingsError("start the server once (atrium-server serve), so that its address is known")
    return PublicAddress("https://localhost")
