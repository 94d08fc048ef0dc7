"""One kiosk as it stands in a lobby: its process, the hand at its window, and its own store as a witness."""

import base64
import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from demo.children import Child
from demo.hand import Hand
from demo.programs import program
from kiosk_protocol.identifiers import VisitId, visit_digest

_WINDOW_S = 60.0
_PAIR_S = 60.0


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a kiosk's own store holds."""

    paired: bool
    used_visits: int
    waiting: int
    acknowledged: int
    parked: int
    last_reason: str | None
    """Why the last visitor was not simply let in."""


@dataclass(frozen=True, slots=True)
class KeptIdentity:
    """What pairing left in the kiosk's store."""

    token_days: int
    has_root: bool
    site: str
    site_name: str


class Kiosk:
    """One kiosk with folders of its own, looking at ``camera``.

    Args:
        folder: its log, its hand's socket, and unless ``home`` is given its data and keys.
        camera: as ``atrium-kiosk run --camera`` takes it.
        options: further arguments of ``run``.
        environment: added to the demo's own.
        home: another place for data and keys, a disk that can fail.
        offscreen: without a display.
    """

    def __init__(
        self,
        folder: Path,
        camera: str,
        options: Sequence[str] = (),
        *,
        environment: Mapping[str, str] | None = None,
        home: Path | None = None,
        offscreen: bool,
    ) -> None:
        self._folder = folder
        self._home = home or folder
        self._camera = camera
        self._options = tuple(options)
        self._child: Child | None = None
        self._socket = folder / "hand"
        self._environment = os.environ | {"PYTHONUNBUFFERED": "1"} | dict(environment or {})
        if offscreen:
            self._environment["QT_QPA_PLATFORM"] = "offscreen"
        self.hand = Hand(self._socket)
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """Start the kiosk and wait for its window."""
        command = [
            program("atrium-kiosk"),
            "run",
            *self._folders(),
            "--camera",
            self._camera,
            "--hand",
            str(self._socket),
            *self._options,
        ]
        self._child = Child("the kiosk", command, self._folder / "kiosk.log", self._environment)
        self._child.expect("open its window", self.hand.is_there, _WINDOW_S)

    @property
    def hand_path(self) -> Path:
        """Where the window's hand listens."""
        return self._socket

    @property
    def options(self) -> tuple[str, ...]:
        """Further arguments of ``run``, from the next start on."""
        return self._options

    @options.setter
    def options(self, options: Sequence[str]) -> None:
        self._options = tuple(options)

    @property
    def pid(self) -> int:
        """Process id of the running kiosk."""
        if self._child is None:
            raise RuntimeError("the kiosk was not started")
        return self._child.pid

    def kill(self) -> None:
        """Send SIGKILL."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def stop(self) -> None:
        """Ask the kiosk to stop and wait for it."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def wait(self) -> None:
        """Wait until somebody closes the window."""
        if self._child is not None:
            self._child.wait()

    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._child is not None and self._child.is_running()

    def pair(self, setup_code: str, digits: str) -> None:
        """Pair from the command line, without a window."""
        command = [program("atrium-kiosk"), "pair", *self._folders(), "--setup-code", setup_code, "--code", digits]
        child = Child("atrium-kiosk pair", command, self._folder / "pair.log", self._environment)
        child.join(_PAIR_S)

    def ledger(self) -> Ledger:
        """Read the kiosk's store, from outside and read-only, while the kiosk runs or not."""
        nothing = Ledger(paired=False, used_visits=0, waiting=0, acknowledged=0, parked=0, last_reason=None)
        if not self._store.exists():
            return nothing
        with self._reading() as store:
            # A kiosk that is just starting for the first time: the file is there, its tables are about to be.
            if store.execute("PRAGMA user_version").fetchone()[0] == 0:
                return nothing
            states = dict(store.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())
            refused = store.execute(
                "SELECT fields ->> 'reason' FROM audit_log WHERE event = 'turned_away' ORDER BY id DESC LIMIT 1"
            ).fetchone()
            return Ledger(
                paired=store.execute("SELECT count(*) FROM identity").fetchone()[0] == 1,
                used_visits=store.execute("SELECT count(*) FROM used_visits").fetchone()[0],
                waiting=states.get("waiting", 0),
                acknowledged=states.get("acknowledged", 0),
                parked=states.get("parked", 0),
                last_reason=None if refused is None else str(refused[0]),
            )

    def identity(self) -> KeptIdentity:
        """Read what pairing left in the store."""
        with self._reading() as store:
            token, configuration = store.execute("SELECT device_token, configuration FROM identity").fetchone()
            has_root = store.execute("SELECT length(root) > 0 FROM trust").fetchone()[0] == 1
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        site = json.loads(configuration)
        days = round((claims["exp"] - claims["iat"]) / 86400)
        return KeptIdentity(days, has_root, claims["site_id"], site["siteName"])

    def knows(self, visit: str) -> bool:
        """Whether the visit was fetched in advance; the store knows it by its digest alone."""
        with self._reading() as store:
            digest = visit_digest(VisitId(visit))
            found = store.execute("SELECT count(*) FROM visits WHERE digest = ?", (digest,)).fetchone()
        return bool(found[0] == 1)

    def key_files(self) -> list[Path]:
        """Return the files of the key folder."""
        return [path for path in (self._home / "keys").iterdir() if path.is_file()]

    @property
    def _store(self) -> Path:
        return self._home / "data" / "kiosk.db"

    def _folders(self) -> list[str]:
        return ["--data", str(self._home / "data"), "--keys", str(self._home / "keys")]

    def _reading(self) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(f"file:{self._store}?mode=ro", uri=True, timeout=5))
