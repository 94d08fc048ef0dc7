"""``atrium-server key``: list, rotate and revoke keys, and change or take away the root key."""

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from nacl.signing import SigningKey

from kiosk_protocol.identifiers import TenantId
from kiosk_server.cli.choosing import chosen_tenant
from kiosk_server.cli.printing import as_members, show, table
from kiosk_server.cli.root_key_file import read_root_key, write_root_key
from kiosk_server.domain.problems import BadRequestError
from kiosk_server.domain.records import StoredKey
from kiosk_server.domain.times import from_seconds, rfc3339
from kiosk_server.services import roots, rotation, trust
from kiosk_server.services.house import OPERATOR, House

ROOT_ACTIONS: Final = ("show", "export", "change", "offline")


def key_list(house: House, arguments: Namespace) -> None:
    """List public keys, how they stand, and whether the private half is here."""
    keys = rotation.list_keys(house, chosen_tenant(house, arguments))
    rows = [_row(key, keys, house.now()) for key in keys]
    columns = ("kid", "purpose", "state", "signsFrom", "notBefore", "notAfter", "privateHalf")
    lines = table([[str(row[name]) for name in columns] for row in rows])
    show({"keys": rows}, lines, as_json=arguments.json)


def key_bundle(house: House, arguments: Namespace) -> None:
    """Print the newest trust bundle's envelope, as ``atrium-kiosk verify --keys`` takes it."""
    with house.archive.of(chosen_tenant(house, arguments)) as records:
        envelope = trust.current_trust(house, records, house.now()).bundle
    show(as_members(envelope), [str(as_members(envelope))], as_json=True)


def key_rotate(house: House, arguments: Namespace) -> None:
    """Make the next key of a purpose."""
    tenant = chosen_tenant(house, arguments)
    if arguments.purpose == "bundle":
        key = roots.replace_bundle_key(house, tenant, OPERATOR, _held(tenant, arguments))
        line = f"Bundle key {key.kid} signs from now on, and a new root names it alone."
    else:
        _refuse_root_key(arguments)
        key = rotation.rotate_key(house, tenant, arguments.purpose, OPERATOR)
        line = f"New {key.purpose} key {key.kid}; it signs from {rfc3339(key.signs_from)}. Older codes go on working."
    show(_facts(house, tenant, key), [line], as_json=arguments.json)


def key_revoke(house: House, arguments: Namespace) -> None:
    """Take a key out at once."""
    tenant = chosen_tenant(house, arguments)
    key = next((key for key in rotation.list_keys(house, tenant) if key.kid == arguments.kid), None)
    if key is not None and key.purpose == "root":
        raise BadRequestError("key_purpose", "A root key is replaced by: atrium-server key root change.")
    if key is not None and key.purpose == "bundle":
        roots.revoke_bundle_key(house, tenant, key.kid, OPERATOR, _held(tenant, arguments))
        reissued = 0
    else:
        _refuse_root_key(arguments)
        reissued = rotation.revoke_key(house, tenant, arguments.kid, OPERATOR).reissued
    key = next(key for key in rotation.list_keys(house, tenant) if key.kid == arguments.kid)
    lines = [f"Key {key.kid} of purpose {key.purpose} is revoked; kiosks hear of it with their next round."]
    if reissued:
        lines.append(f"Visits with a new code: {reissued}. Send it to the visitors; the old one opens nothing.")
    if key.purpose == "device":
        lines.append("Kiosks whose token it signed are refused from now on and have to be paired again.")
    show({**_facts(house, tenant, key), "codesReissued": reissued}, lines, as_json=arguments.json)


def key_root(house: House, arguments: Namespace) -> None:
    """Show, export or change the root, or take its key offline."""
    tenant = chosen_tenant(house, arguments)
    _ROOT_COMMANDS[arguments.what](house, tenant, arguments)


def _root_show(house: House, tenant: TenantId, arguments: Namespace) -> None:
    facts = roots.show_root(house, tenant)
    _show_root(facts, arguments, "The root")


def _root_export(house: House, tenant: TenantId, _: Namespace) -> None:
    envelope = roots.show_root(house, tenant).envelope
    show(as_members(envelope), [], as_json=True)


def _root_change(house: House, tenant: TenantId, arguments: Namespace) -> None:
    if arguments.lost and arguments.root_key is not None:
        raise BadRequestError("root_key", "A key whose file can be named is not lost: leave --lost out.")
    facts = roots.change_root(
        house,
        tenant,
        OPERATOR,
        held=_held(tenant, arguments),
        deliver=_deliver(arguments),
        is_lost=arguments.lost,
    )
    _show_root(facts, arguments, "The new root")
    if arguments.lost and not arguments.json:
        sys.stdout.write("No kiosk paired so far accepts it: pair each of them again.\n")


def _root_offline(house: House, tenant: TenantId, arguments: Namespace) -> None:
    deliver = _deliver(arguments)
    if deliver is None:
        raise BadRequestError("root_key", "Name the file that takes the key: --to FILE.")
    kid = roots.take_root_offline(house, tenant, deliver, OPERATOR)
    lines = [
        f"Root key {kid} is in {arguments.to} and no longer on this server.",
        "Keep the file apart from it, in two places. Backups of the database made before still hold the key.",
    ]
    show({"kid": kid, "file": str(arguments.to)}, lines, as_json=arguments.json)


_ROOT_COMMANDS: Final[Mapping[str, Callable[[House, TenantId, Namespace], None]]] = {
    "show": _root_show,
    "export": _root_export,
    "change": _root_change,
    "offline": _root_offline,
}

KEY_COMMANDS: Final[Mapping[str, Callable[[House, Namespace], None]]] = {
    "key list": key_list,
    "key bundle": key_bundle,
    "key rotate": key_rotate,
    "key revoke": key_revoke,
    "key root": key_root,
}


def _show_root(facts: roots.RootFacts, arguments: Namespace, subject: str) -> None:
    root = facts.document
    root_kids, bundle_kids = ([key.kid for key in keys] for keys in (root.root_keys, root.bundle_keys))
    members = {
        "version": root.version,
        "issuedAt": rfc3339(from_seconds(root.issued_at)),
        "expiresAt": rfc3339(from_seconds(root.expires_at)),
        "rootKeys": root_kids,
        "bundleKeys": bundle_kids,
        "isOffline": facts.is_offline,
        "root": as_members(facts.envelope),
    }
    place = "kept offline" if facts.is_offline else "on this server"
    lines = [
        f"{subject} has version {root.version} and ends {members['expiresAt']}.",
        f"Root key    {', '.join(root_kids)}, {place}",
        f"Bundle key  {', '.join(bundle_kids)}",
    ]
    show(members, lines, as_json=arguments.json)


def _facts(house: House, tenant: TenantId, key: StoredKey) -> dict[str, Any]:
    return _row(key, rotation.list_keys(house, tenant), house.now())


def _row(key: StoredKey, keys: Sequence[StoredKey], now: datetime) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "purpose": key.purpose,
        "state": rotation.state_of(key, keys, now),
        "notBefore": rfc3339(key.not_before),
        "notAfter": rfc3339(key.not_after),
        "signsFrom": rfc3339(key.signs_from),
        "retiredAt": rfc3339(key.retired_at),
        "revokedAt": rfc3339(key.revoked_at),
        "privateHalf": "here" if key.sealed_private_key is not None else "not here",
    }


def _held(tenant: TenantId, arguments: Namespace) -> SigningKey | None:
    if arguments.root_key is None:
        return None
    return read_root_key(arguments.root_key, tenant, _passphrase(arguments))


def _deliver(arguments: Namespace) -> roots.Deliver | None:
    if arguments.to is None:
        return None
    return partial(write_root_key, arguments.to, passphrase=_passphrase(arguments))


def _passphrase(arguments: Namespace) -> str | None:
    """Return the line on standard input, read once for both files; never an argument, which everybody can see."""
    if not arguments.passphrase_stdin:
        return None
    if arguments.passphrase is None:
        arguments.passphrase = sys.stdin.readline().rstrip("\r\n")
    if not arguments.passphrase:
        raise BadRequestError("passphrase", "The passphrase on standard input is empty.")
    return str(arguments.passphrase)


def _refuse_root_key(arguments: Namespace) -> None:
    if arguments.root_key is not None:
        raise BadRequestError("root_key", "Only bundle keys need the root key; leave --root-key out.")
