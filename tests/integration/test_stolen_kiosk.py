"""What a thief has who copies a kiosk's data and key folders and writes a program for them.

Kiosk and server are real. Planted are a pairing code, tokens, and names and addresses that occur nowhere else; looked
for are their bytes in every usual spelling, and whether anything on the disk opens what lies there sealed.
"""

import base64
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nacl.public import PrivateKey

from kiosk_app.core.verdict import Admit, AskReception, Refuse
from kiosk_app.store.database import open_read_only
from kiosk_app.store.machine_key import MachineKeys
from kiosk_protocol.encoding import base64url_decode
from kiosk_protocol.errors import EncodingError, SealError
from kiosk_protocol.identifiers import VisitDigest
from kiosk_protocol.messages import FeedEntry, decode
from kiosk_protocol.sealing import SealContext, open_details, open_item
from tests.integration.conftest import RealKiosk
from tests.integration.real_server import RealServer
from tests.integration.test_kiosk_and_server import NewKiosk, window

VISITORS = ("Xanthippe Quillfeather", "Ptolemy Vandersnoot", "Wilhelmina Yggdrasil", "Balthasar Oxenfree")
EMAIL, COMPANY = "xq@quillfeather.example", "Quillfeather and Daughters"
HOST, HOST_EMAIL = "Ignatius Thornbury", "thornbury@example.org"
ROOM, PURPOSE = "Gorgonzola Room", "Zeppelin inspection"
PERSONAL = (*VISITORS, EMAIL, COMPANY, HOST, HOST_EMAIL, ROOM, PURPOSE)


@dataclass(frozen=True, slots=True)
class Door:
    """A kiosk after a busy hour, and what was said and shown at it."""

    kiosk: RealKiosk
    code: str
    visits: tuple[dict[str, Any], ...]

    @property
    def folder(self) -> Path:
        return Path(self.kiosk.household.data_folder).parent

    def stolen(self) -> bytes:
        """Return every byte of every file, write-ahead log included, while the kiosk runs."""
        return b"\0".join(path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())


@pytest.fixture
def door(server: RealServer, new_kiosk: NewKiosk) -> Door:
    """One admitted online, one offline and waiting, one refused again, one never seen; then staff save a report."""
    site = str(server.command("site", "create", "--name", "Vault", "--time-zone", "Europe/Vienna")["siteId"])
    host = ("user", "create", "--email", HOST_EMAIL, "--name", HOST, "--role", "member", "--site", site)
    if not any(user["email"] == HOST_EMAIL for user in server.command("user", "list")["users"]):
        server.command(*host)
    opened = window(server, site)
    kiosk = new_kiosk(lossy=True).pair(opened)
    visits = tuple(register(server, site, name) for name in VISITORS[:3])
    assert not kiosk.sync().failures
    assert isinstance(kiosk.desk.judge(visits[0]["token"]), Admit)
    assert not kiosk.sync().failures
    assert kiosk.transport is not None
    kiosk.transport.cut = True
    assert isinstance(kiosk.desk.judge(visits[1]["code"]), Admit)
    assert isinstance(kiosk.desk.judge(visits[0]["token"]), Refuse)
    assert isinstance(kiosk.desk.judge(visits[2]["token"][:-2]), Refuse)
    unheard_of = register(server, site, VISITORS[3])
    assert isinstance(kiosk.desk.judge(unheard_of["token"]), Admit | AskReception)
    assert kiosk.store.queue_state().waiting
    return Door(kiosk, opened["code"], (*visits, unheard_of))


def register(server: RealServer, site: str, name: str) -> dict[str, Any]:
    details = ("--visitor-email", EMAIL, "--visitor-company", COMPANY, "--host", HOST_EMAIL)
    return server.register(site, name, *details, "--room", ROOM, "--purpose", PURPOSE)


def spellings(secret: bytes) -> dict[str, bytes]:
    """Return how ``secret`` might stand in a file: as it is, in hex, in base64 at each of three alignments."""
    found = {"as it is": secret, "hex": secret.hex().encode()}
    for shift in range(3):
        # Of the middle only, which does not depend on what stands before and after.
        middle = base64.b64encode(bytes(shift) + secret)[4:-4]
        found[f"base64 at {shift}"] = middle
        found[f"base64url at {shift}"] = middle.replace(b"+", b"-").replace(b"/", b"_")
    return found


def test_a_copied_kiosk_tells_nothing_about_visitors(door: Door) -> None:
    """Neither to a search for bytes nor to a program that tries everything on the disk as a key."""
    everything = door.stolen()
    assert_nothing_is_found(door, everything)
    assert_nothing_is_opened(door, everything)


def assert_nothing_is_found(door: Door, everything: bytes) -> None:
    """In no file of the two folders, in no spelling; the search does find what is known to be there."""
    identity = door.kiosk.store.load_identity()
    assert identity is not None
    assert identity.device_token.encode() in everything
    secrets = {text: text.encode() for text in PERSONAL}
    secrets |= {f"{text} in UTF-16": text.encode("utf-16-le") for text in PERSONAL}
    for visit in door.visits:
        _, payload, signature = visit["token"].split(".")
        secrets |= {f"{visit['visitId']} itself": visit["visitId"].encode()}
        secrets |= {f"{visit['visitId']} {part}": visit[part].encode() for part in ("token", "code")}
        secrets |= {
            f"{visit['visitId']} claims": base64url_decode(payload),
            f"{visit['visitId']} payload": payload.encode(),
        }
        secrets |= {f"{visit['visitId']} signature": base64url_decode(signature)}
    for name, secret in secrets.items():
        found = [how for how, spelled in spellings(secret).items() if spelled in everything]
        assert not found, (name, found)
    assert not re.search(rb"(?<!\d)" + door.code.encode() + rb"(?!\d)", everything)


def assert_nothing_is_opened(door: Door, everything: bytes) -> None:
    """Each run of 64 bytes is tried as the signature that opens a visit, each of 32 as the key of the outbox."""
    database = open_read_only(door.folder / "data")
    assert database is not None
    try:
        entries = [decode(row[0], FeedEntry) for row in database.rows("SELECT entry FROM visits")]
        items = [bytes(row[0]) for row in database.rows("SELECT sealed FROM outbox")]
    finally:
        database.close()
    identity = door.kiosk.store.load_identity()
    assert identity is not None
    assert len(items) == 2
    sealed = [entry for entry in entries if entry.sealed is not None]
    assert len(sealed) == 2
    for entry in sealed:
        context = SealContext(identity.tenant, identity.site, VisitDigest(entry.digest), entry.rev, entry.edit)
        assert not [guess for guess in guesses(everything, 64) if opens_details(entry, context, guess)]
        # The same program, handed what a thief lacks, opens it: it would have found the signature.
        signatures = [base64url_decode(visit["token"].rpartition(".")[2]) for visit in door.visits]
        assert [opens_details(entry, context, signature) for signature in signatures].count(True) == 1
    own = {bytes(door.kiosk.household.vault.load()), MachineKeys(door.folder / "keys").current().secret}
    assert not [guess for guess in own | guesses(everything, 32) if opens_item(items[0], guess)]


def guesses(everything: bytes, size: int) -> set[bytes]:
    """Return each run of ``size`` bytes that could be a secret, and each text of that many bytes in base64url."""
    runs = {everything[at : at + size] for at in range(len(everything) - size)}
    found = {run for run in runs if len(set(run)) > size // 2}
    length = -(-size * 4 // 3)
    for match in re.finditer(rb"(?=([A-Za-z0-9_-]{%d}))" % length, everything):
        try:
            found.add(base64url_decode(match[1].decode("ascii")))
        except EncodingError:
            continue
    return found


def opens_details(entry: FeedEntry, context: SealContext, signature: bytes) -> bool:
    assert entry.sealed is not None
    try:
        open_details(entry.sealed, signature, context)
    except SealError:
        return False
    return True


def opens_item(sealed: bytes, key: bytes) -> bool:
    try:
        open_item(sealed, PrivateKey(key))
    except SealError:
        return False
    return True
