"""Reads the arguments, runs one command, and turns known trouble into a sentence and an exit status."""

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Final

from kiosk_app.cli.exits import ALREADY_RUNNING, FAILED, OK, STORE, USAGE, complain, complain_of
from kiosk_app.core.errors import AlreadyRunningError, KioskError, SettingsError, StoreError
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.settings import DEFAULT_CAMERA, RELEASED_AT

Command = Callable[[argparse.Namespace], int]

_MODULES: Final = {
    "run": "kiosk_app.cli.run",
    "pair": "kiosk_app.cli.pair",
    "status": "kiosk_app.cli.status",
    "doctor": "kiosk_app.cli.doctor",
    "diagnostics": "kiosk_app.cli.diagnostics",
    "pin": "kiosk_app.cli.pin",
    "unpair": "kiosk_app.cli.unpair",
    "sync": "kiosk_app.cli.sync",
    "verify": "kiosk_app.cli.verify",
    "scan": "kiosk_app.cli.scan",
}
"""Loaded one at a time: ``verify`` must not wait for Qt."""


def main(arguments: Sequence[str]) -> int:
    """Run the command in ``arguments`` and return the exit status."""
    options = _parser().parse_args(_with_joined_site(arguments))
    try:
        if options.command == "run":
            # On again once the first window stands: collecting while modules are loaded takes 4 % of the time to it.
            gc.disable()
        command: Command = import_module(_MODULES[options.command]).main
        return command(options)
    except KioskError as error:
        complain_of(error)
        return _status_of(error)
    except BrokenPipeError:
        # Whoever read our answers has gone. Closing standard output at exit would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last border: a person at a terminal reads no traceback
        return _unexpected(error)


def _with_joined_site(arguments: Sequence[str]) -> list[str]:
    """Return ``--site ID`` as ``--site=ID``: an id may begin with a dash, which argparse takes for an option."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] == "--site":
            joined[-1] = f"--site={argument}"
        else:
            joined.append(argument)
    return joined


def _unexpected(error: Exception) -> int:
    # Imported here: the first window must not wait for a log that hardly anybody needs.
    from kiosk_app.logs import fault_of, write  # noqa: PLC0415

    write(fault_of(error, StaffCode.UNEXPECTED_FAULT))
    complain(f"Something unexpected happened. [{StaffCode.UNEXPECTED_FAULT.value}]")
    return FAILED


def _status_of(error: KioskError) -> int:
    match error:
        case AlreadyRunningError():
            return ALREADY_RUNNING
        case SettingsError():
            return USAGE
        case StoreError():
            return STORE
        case _:
            return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="atrium-kiosk", description="The lobby kiosk.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = _add(commands, "run", "open the window and admit visitors", folders=True)
    run.add_argument("--setup-code", default="", metavar="URL", help="pairing address to start with")
    run.add_argument("--camera", default=DEFAULT_CAMERA, metavar="SPEC", help="device:0, file:, folder:, mjpeg:, none")
    run.add_argument("--no-preview", action="store_true", help="look for codes, and show nobody's picture")
    run.add_argument("--window", default="fullscreen", metavar="SIZE", help="fullscreen, 540x960 or 540x960+0+0")
    run.add_argument("--hand", default=None, metavar="SOCKET", help="let a program of this user tap the window")
    pair = _add(commands, "pair", "pair with a site, without a window", folders=True)
    pair.add_argument("--setup-code", required=True, metavar="URL", help="pairing address")
    pair.add_argument("--code", required=True, metavar="DIGITS", help="the six digits")
    status = _add(commands, "status", "say how this kiosk is", folders=True)
    status.add_argument("--json", action="store_true", help="for programs")
    doctor = _add(commands, "doctor", "say what is well with this kiosk and what is not", folders=True)
    doctor.add_argument("--json", action="store_true", help="for programs, one finding a line")
    doctor.add_argument("--camera", default=DEFAULT_CAMERA, metavar="SPEC", help="as for run")
    diagnostics = _add(commands, "diagnostics", "write the report for IT, without personal data", folders=True)
    diagnostics.add_argument("--output", default=None, metavar="FILE", help="default: standard output")
    diagnostics.add_argument("--camera", default=DEFAULT_CAMERA, metavar="SPEC", help="as for run")
    unpair = _add(commands, "unpair", "take this kiosk from its site", folders=True)
    unpair.add_argument("--yes", action="store_true", help="do not ask")
    unpair.add_argument("--keep", action="store_true", help="put check-ins that were not sent aside, sealed")
    _add(commands, "pin", "set the six digits that open the staff's page", folders=True)
    _add(commands, "sync", "talk to the server once", folders=True)
    verify = _add(commands, "verify", "judge tokens, one a line from standard input", folders=False)
    verify.add_argument("source", choices=["-"], metavar="-", help="standard input")
    _add_trust(verify, required=True)
    scan = _add(commands, "scan", "read pictures as the camera's would be", folders=True)
    scan.add_argument("pictures", nargs="+", metavar="PICTURE")
    scan.add_argument("--explain", default=None, metavar="DIR", help="say why not, and write marked pictures there")
    scan.set_defaults(key_folder=None)
    _add_trust(scan, required=False)
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str, *, folders: bool
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
    if folders:
        command.add_argument("--data", default=None, metavar="DIR", help="data folder")
        if name != "scan":  # whose --keys names a file
            command.add_argument("--keys", dest="key_folder", default=None, metavar="DIR", help="key folder")
        command.add_argument("--build-time", default=RELEASED_AT, metavar="MOMENT", help="RFC 3339; no time is earlier")
    return command


def _add_trust(command: argparse.ArgumentParser, *, required: bool) -> None:
    command.add_argument("--keys", required=required, default=None, metavar="FILE", help="trust bundle or JWK set")
    command.add_argument("--root", default=None, metavar="FILE", help="root document that the bundle is held to")
    command.add_argument("--site", required=required, default=None, metavar="ID", help="the site whose door this is")
    command.add_argument("--at", default=None, metavar="MOMENT", help="RFC 3339; default now")
