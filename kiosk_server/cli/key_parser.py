"""What can be typed after ``atrium-server key``."""

import argparse
from collections.abc import Callable
from pathlib import Path

from kiosk_server.cli.key_commands import ROOT_ACTIONS
from kiosk_server.services.rotation import ROTATED

Add = Callable[..., argparse.ArgumentParser]


def add_key_commands(add: Add) -> None:
    """Add the commands to the group ``key``."""
    add("list", "list public keys and how they stand")
    add("bundle", "print the newest trust bundle's envelope")
    rotate = add("rotate", "make the next key of a purpose; what older ones signed goes on working")
    rotate.add_argument("--purpose", required=True, choices=(*ROTATED, "bundle"))
    _root_key(rotate)
    revoke = add("revoke", "take a key out at once, and issue the codes anew that it signed")
    revoke.add_argument("kid", metavar="KID")
    _root_key(revoke)
    root = add("root", "show or export the root, change its key, or take the key offline")
    root.add_argument("what", choices=ROOT_ACTIONS)
    root.add_argument("--to", type=Path, metavar="FILE", help="new file that takes the root key away from this server")
    root.add_argument(
        "--lost", action="store_true", help="the old root key is gone: every paired kiosk has to be paired again"
    )
    _root_key(root)


def _root_key(command: argparse.ArgumentParser) -> None:
    command.add_argument("--root-key", type=Path, metavar="FILE", help="the root key, where it is kept offline")
    command.add_argument(
        "--passphrase-stdin", action="store_true", help="the root key's file is sealed; read the passphrase from stdin"
    )
    command.set_defaults(passphrase=None)
