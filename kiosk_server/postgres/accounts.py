"""Which user runs PostgreSQL: it refuses to be root, and rightly."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from kiosk_server.postgres.errors import DataFolderUnusableError, NoServiceAccountError

SERVICE_ACCOUNT = "atrium-postgres"


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system."""

    uid: int
    gid: int


def account_for(cluster: Path) -> Account:
    """Return who runs the cluster in this folder; makes the system user if root needs it.

    An existing cluster is run by its owner, so that root can look after a cluster that a normal user made.

    Raises:
        DataFolderUnusableError: The cluster is another user's, and we are not root.
        NoServiceAccountError: We are root, and the system user cannot be made.
    """
    me = Account(os.geteuid(), os.getegid())
    owner = _owner(cluster)
    if me.uid == 0:
        return owner if owner is not None and owner.uid != 0 else service_account(SERVICE_ACCOUNT)
    if owner is not None and owner.uid != me.uid:
        raise DataFolderUnusableError(cluster.parent, f"the cluster belongs to user {owner.uid}")
    return me


def service_account(name: str) -> Account:
    """Return the unprivileged system user of that name, made now if it is absent. Needs root."""
    try:
        return _lookup(name)
    except KeyError:
        _create(name)
    try:
        return _lookup(name)
    except KeyError as error:
        raise NoServiceAccountError(name, "created, but unknown to the system") from error


def _owner(folder: Path) -> Account | None:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return None
    return Account(found.st_uid, found.st_gid)


def _lookup(name: str) -> Account:
    entry = pwd.getpwnam(name)
    return Account(entry.pw_uid, entry.pw_gid)


def _create(name: str) -> None:
    # A bare root shell (su without a dash, cron) has no /usr/sbin in its path.
    program = shutil.which("useradd", path=os.defpath + ":/usr/sbin:/sbin")
    if program is None:
        raise NoServiceAccountError(name, "useradd is not installed")
    home_and_shell = ["--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    done = subprocess.run(
        [program, "--system", "--user-group", *home_and_shell, name], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise NoServiceAccountError(name, done.stderr.strip() or f"useradd ended with {done.returncode}")
