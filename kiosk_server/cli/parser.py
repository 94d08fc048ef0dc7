"""What can be typed. Every command takes ``--data`` and ``--json``; commands about a tenant take ``--tenant SLUG``."""

import argparse
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kiosk_server.cli.handover_commands import HANDOVER_ACTIONS
from kiosk_server.cli.key_parser import add_key_commands
from kiosk_server.domain.problems import BadRequestError
from kiosk_server.domain.roles import Role
from kiosk_server.domain.texts import clean_email
from kiosk_server.services.alerts import SILENT_AFTER
from kiosk_server.services.rotation import QUARTER
from kiosk_server.services.tenancy import BRAND_COLOUR

if TYPE_CHECKING:
    # argparse gives the type of its groups no public name.
    Groups: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; the chosen command is in ``command`` (``serve``, ``tenant create`` …)."""
    parser = argparse.ArgumentParser(
        prog="atrium-server", description="The server of Atrium: tenants, sites, visits, kiosks."
    )
    groups = parser.add_subparsers(dest="group", required=True, metavar="COMMAND")
    _serve(groups)
    _plain(groups, "migrate", "bring the database's roles and schema up to date")
    _plain(groups, "database", "print the address of the running database, for psql and backups")
    _tenants(_group(groups, "tenant", "make and list tenants"))
    _sites(_group(groups, "site", "make and list sites"))
    _users(_group(groups, "user", "make and list users"))
    _visits(_group(groups, "visit", "register, list, show and cancel visits"))
    _kiosks(_group(groups, "kiosk", "pair, list and revoke kiosks"))
    add_key_commands(_group(groups, "key", "list, rotate and revoke keys; change the root"))
    return parser


def _group(groups: "Groups", name: str, text: str) -> Callable[..., argparse.ArgumentParser]:
    """Return a function that adds a command to the group ``name``."""
    group = groups.add_parser(name, help=text)
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add(action: str, help_text: str, *, of_tenant: bool = True) -> argparse.ArgumentParser:
        command = actions.add_parser(action, help=help_text)
        _common(command, f"{name} {action}")
        if of_tenant:
            command.add_argument("--tenant", metavar="SLUG", help="may be left out where there is only one")
        return command

    return add


def _plain(groups: "Groups", name: str, text: str) -> argparse.ArgumentParser:
    command = groups.add_parser(name, help=text)
    _common(command, name)
    return command


def _common(command: argparse.ArgumentParser, name: str) -> None:
    command.set_defaults(command=name)
    command.add_argument("--data", type=Path, metavar="DIR", help="data folder; else $ATRIUM_SERVER_DATA")
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _serve(groups: "Groups") -> None:
    serve = _plain(groups, "serve", "serve the API over HTTPS until told to stop")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    serve.add_argument("--port", type=_port, default=0, help="0: the port of last time, at first a free one")
    serve.add_argument("--public-url", metavar="URL", help="https://HOST[:PORT] by which kiosks reach us")
    serve.add_argument(
        "--no-private-ca",
        action="store_true",
        help="a proxy with a public certificate stands before us: set-up codes name no CA",
    )
    serve.add_argument("--smtp-url", metavar="URL", help="smtp[s]://HOST[:PORT] for alerts; else $ATRIUM_SMTP_URL")
    serve.add_argument("--smtp-from", type=_address, metavar="ADDRESS", help="sender; else $ATRIUM_SMTP_FROM")
    serve.add_argument(
        "--alert-after-minutes", type=_silence, default=SILENT_AFTER, metavar="N", help="silence before an alert (10)"
    )
    serve.add_argument(
        "--offline-after-seconds",
        metavar="N",
        help="silence before a kiosk counts as offline (180), at most the alert's; else $ATRIUM_OFFLINE_AFTER_S",
    )
    serve.add_argument(
        "--rotate-keys-after-days",
        type=_rotation,
        default=QUARTER,
        metavar="N",
        help="age at which visit keys get a successor (91); 0: never by themselves",
    )
    serve.add_argument(
        "--alert-role",
        type=Role,
        action="append",
        metavar="ROLE",
        help="who of the site is told, repeatable; else tenant_admin, site_admin, installer",
    )


def _tenants(add: Callable[..., argparse.ArgumentParser]) -> None:
    create = add("create", "make a tenant with its keys", of_tenant=False)
    create.add_argument("--slug", required=True)
    create.add_argument("--name", required=True)
    add("list", "list tenants", of_tenant=False)


def _sites(add: Callable[..., argparse.ArgumentParser]) -> None:
    create = add("create", "make a site")
    create.add_argument("--name", required=True)
    create.add_argument("--time-zone", required=True, metavar="ZONE", help="IANA name, such as Europe/Vienna")
    create.add_argument("--language", action="append", metavar="TAG", help="such as en; repeatable, the first leads")
    create.add_argument("--brand-colour", default=BRAND_COLOUR, metavar="#RRGGBB")
    create.add_argument(
        "--unknown-visit",
        choices=("ask", "admit"),
        default="ask",
        help="what a kiosk does with a valid code it never heard of",
    )
    create.add_argument("--early-minutes", type=int, default=15, metavar="N", help="how early visitors may come, 0-60")
    create.add_argument(
        "--feed-age-minutes", type=int, metavar="N", help="after so long without news a kiosk asks reception"
    )
    add("list", "list sites")
    renew = add("renew-epoch", "make the site's kiosks fetch everything anew, as after a restored backup")
    renew.add_argument("--site", required=True, metavar="ID")


def _users(add: Callable[..., argparse.ArgumentParser]) -> None:
    create = add("create", "make a user; without --password-stdin a password is made up and printed once")
    create.add_argument("--email", required=True)
    create.add_argument("--name", required=True)
    create.add_argument("--role", required=True, choices=[role.value for role in Role])
    create.add_argument("--site", action="append", default=[], metavar="ID", help="repeatable")
    create.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add("list", "list users")


def _visits(add: Callable[..., argparse.ArgumentParser]) -> None:
    create = add("create", "register a visit and print its code")
    create.add_argument("--site", required=True, metavar="ID")
    create.add_argument("--visitor-name", required=True)
    create.add_argument("--visitor-email")
    create.add_argument("--visitor-company")
    create.add_argument("--host", metavar="USER", help="a user's identifier or email address")
    create.add_argument("--room")
    create.add_argument("--purpose")
    create.add_argument("--arrival", type=_moment, metavar="RFC3339", help="else the next full hour")
    create.add_argument("--departure", type=_moment, metavar="RFC3339", help="else two hours after arrival")
    _pictures(create)
    listing = add("list", "list visits that end after --since")
    listing.add_argument("--site", metavar="ID")
    listing.add_argument("--since", type=_moment, metavar="RFC3339", help="else a day ago")
    show = add("show", "show a visit, its code and its check-ins")
    show.add_argument("visit", metavar="ID")
    _pictures(show)
    cancel = add("cancel", "cancel a visit nobody has arrived for")
    cancel.add_argument("visit", metavar="ID")


def _pictures(command: argparse.ArgumentParser) -> None:
    command.add_argument("--qr-png", type=Path, metavar="FILE", help="write the code as PNG")
    command.add_argument("--qr-svg", type=Path, metavar="FILE", help="write the code as SVG")


def _kiosks(add: Callable[..., argparse.ArgumentParser]) -> None:
    window = add("window", "open a pairing window and print its six digits")
    window.add_argument("--site", required=True, metavar="ID")
    window.add_argument(
        "--named", action="store_true", help="answer only to the set-up code: after strangers used up a window's tries"
    )
    listing = add("list", "list kiosks")
    listing.add_argument("--site", metavar="ID")
    revoke = add("revoke", "revoke a kiosk")
    revoke.add_argument("kiosk", metavar="ID")
    handover = add("handover", "look at and decide on what kiosks handed over that were revoked or paired anew")
    handover.add_argument("what", choices=HANDOVER_ACTIONS)
    handover.add_argument("--kiosk", metavar="ID", help="whose; left out only for list")
    handover.add_argument(
        "--check-in", action="append", default=[], metavar="ID", help="accept or discard these alone; repeatable"
    )


def _rotation(text: str) -> timedelta | None:
    days = int(text)
    if days and not 1 <= days <= 3650:
        raise argparse.ArgumentTypeError("keys are rotated after 1 to 3650 days, or never (0)")
    return timedelta(days=days) if days else None


def _silence(text: str) -> timedelta:
    minutes = float(text)
    if not 0.25 <= minutes <= 24 * 60:
        raise argparse.ArgumentTypeError("a silence is 0.25 to 1440 minutes")
    return timedelta(minutes=minutes)


def _address(text: str) -> str:
    try:
        return clean_email(text)
    except BadRequestError as error:
        raise argparse.ArgumentTypeError(error.message) from None


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 65536:
        raise argparse.ArgumentTypeError("a port is 0 to 65535")
    return number


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a time is written like 2026-03-01T09:00:00Z") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("a time needs its offset, such as Z or +01:00")
    return moment
