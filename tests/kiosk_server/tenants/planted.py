"""A tenant with something in every table, each word of it found nowhere else, and the search for its bytes."""

import html
import itertools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote

from msgspec.structs import replace as replace_members
from sqlalchemy import LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.handover import HandoverDocument, sign_handover
from kiosk_protocol.identifiers import uuid7
from kiosk_protocol.messages import API_ROOT, ClaimQuestion, encode
from kiosk_protocol.transport import to_compact
from kiosk_server.domain.roles import Role
from kiosk_server.services import accounts, desk, devices, tenancy
from kiosk_server.services.accounts import UserPrincipal
from kiosk_server.services.house import OPERATOR
from kiosk_server.services.visits import IssuedVisit
from kiosk_server.store import tables
from tests.integration.test_stolen_kiosk import spellings
from tests.kiosk_server.http.test_heartbeat import WELL
from tests.kiosk_server.support import BASE_URL, PASSWORD, HandKiosk, World, execute
from tests.kiosk_server.web.browser import signed_in

SHORTEST: Final = 8
"""Shorter values stand in other people's answers by chance."""
_NUMBERS: Final = itertools.count(1)


@dataclass
class Planted:
    """The tenant, and what somebody of another one may know of it.

    Attributes:
        words: What was written by people and is shown to their own; each said once.
        kiosk: At the first site, in use.
        former: A kiosk that was revoked.
        visits: One expected, with a code; one let in twice and settled; one let in twice; one let in by hand.
        secrets: What was given out and is stored nowhere in clear.
    """

    world: World
    words: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)
    kiosk: HandKiosk = field(init=False)
    former: HandKiosk = field(init=False)
    visits: tuple[IssuedVisit, ...] = ()

    def word(self, what: str) -> str:
        """Return a word that stands nowhere else."""
        made = unseen(what)
        self.words.add(made)
        return made


def unseen(what: str) -> str:
    """Return a word like the others, which even its own tenant is not shown."""
    return f"zq{what}{next(_NUMBERS)}xqplanted"


def plant(beside: World) -> Planted:
    """Return a tenant in the house of ``beside``: one process and one database serve both."""
    house, names = beside.house, [unseen(what) for what in ("tenant", "site", "harbour")]
    tenant = tenancy.create_tenant(house, unseen("slug"), names[0], OPERATOR)
    new = tenancy.NewSite(names[1], "Pacific/Chatham", brand_colour="#a1b2c3")
    site = tenancy.create_site(house, tenant.id, new, OPERATOR)
    other = tenancy.create_site(house, tenant.id, replace(new, name=names[2]), OPERATOR)
    planted = Planted(World(house, beside.clock, tenant, site, other), set(names))
    _people(planted)
    _kiosks(planted)
    _visits(planted)
    _left_behind(planted)
    return planted


def _people(planted: Planted) -> None:
    """Users of every role who came in by both doors, and somebody who did not."""
    world = planted.world
    for role in Role:
        sites = frozenset() if role is Role.TENANT_ADMIN else frozenset({world.site.id})
        email = f"{unseen('mail')}@zq.example"
        new = accounts.NewUser(email, unseen(role.value), role, PASSWORD, sites)
        world.users[role] = accounts.create_user(world.house, world.tenant.id, new, OPERATOR)
    session = world.login(Role.TENANT_ADMIN)
    planted.secrets |= {session["refreshToken"], session["accessToken"], signed_in(world, Role.TENANT_ADMIN).cookie}
    wrong = {"tenant": world.tenant.slug, "email": world.user(Role.MEMBER).email, "password": "wrong password"}
    assert world.client.post(f"{API_ROOT}/auth/login", json=wrong).status_code == 401


def _kiosks(planted: Planted) -> None:
    """One in use, one revoked with an item in quarantine; a named window that nobody used."""
    world = planted.world
    planted.secrets.add(str(world.window(named=True).setup_code))
    planted.kiosk, planted.former = (world.kiosk(planted.word("kiosk")) for _ in range(2))
    for kiosk in (planted.kiosk, planted.former):
        assert kiosk.result is not None
        planted.secrets.add(kiosk.result.device_token)
        health = replace_members(WELL, app_version=planted.word("v"))
        assert kiosk.ask("POST", "/kiosk/heartbeat", health).status_code == 200
    devices.revoke_device(world.house, world.tenant.id, planted.former.device_id, OPERATOR)


def _visits(planted: Planted) -> None:
    """Expected and claimed, let in twice and settled, let in twice and not settled, let in by hand."""
    world, kiosk = planted.world, planted.kiosk
    admin = UserPrincipal(world.tenant.id, world.user(Role.TENANT_ADMIN))
    second = world.kiosk(planted.word("second"))
    planted.visits = expected, settled, flagged, by_hand = tuple(_visit(planted) for _ in range(4))
    question = ClaimQuestion(check_in_id=uuid7(1, bytes(10)), token=expected.token)
    assert kiosk.ask("POST", "/kiosk/claims", question).json()["outcome"] == "granted"
    for issued in (settled, flagged):
        for door in (kiosk, second):
            door.send(door.item(issued.token, minutes=1, app_version=unseen("v")))
    desk.settle_conflicts(world.house, admin, settled.visit.id, planted.word("reason"))
    desk.check_in(world.house, admin, by_hand.visit.id)


def _visit(planted: Planted) -> IssuedVisit:
    world = planted.world
    issued = world.visit(
        planted.word("visitor"),
        visitor_email=f"{planted.word('mail')}@zq.example",
        visitor_company=planted.word("company"),
        host=world.user(Role.MEMBER).email,
        room=planted.word("room"),
        purpose=planted.word("purpose"),
    )
    planted.secrets |= {issued.token, to_compact(issued.token), issued.token.rpartition(".")[2]}
    return issued


def _left_behind(planted: Planted) -> None:
    """What the revoked kiosk still held, and an email that nobody sent yet."""
    world, former = planted.world, planted.former
    document = HandoverDocument(
        type="handover",
        server=BASE_URL,
        nonce=world.house.freshness.nonce(world.clock.now),
        tenant_id=world.tenant.id,
        device_id=former.device_id,
        chain_id=former.chain_id,
        entries=(former.item(planted.visits[0].token),),
    )
    envelope = encode(sign_handover(document, former.key))
    assert world.client.post(f"{API_ROOT}/kiosk/handover", content=envelope).status_code == 200
    with world.house.archive.of(world.tenant.id) as records:
        execute(
            records,
            "INSERT INTO alerts VALUES (:tenant, :device, now(), 'silent', :user, now(), 0, now())",
            tenant=world.tenant.id,
            device=former.device_id,
            user=world.user(Role.INSTALLER).id,
        )


def rows_of(world: World, table: str) -> Sequence[Mapping[str, Any]]:
    """Return every row of a tenant in a table, as the application sees them."""
    with world.house.archive.of(world.tenant.id) as records:
        return records.keys._connection.execute(tables.metadata.tables[table].select()).mappings().all()


def hashes_of(world: World) -> dict[str, str]:
    """Return a hash over all rows of a tenant for each table."""
    every = "SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM {} t"
    with world.house.archive.of(world.tenant.id) as records:
        return {name: execute(records, every.format(name))[0][0] for name in tables.metadata.tables}


def columns_of(world: World) -> dict[tuple[str, str], set[str | bytes]]:
    """Return every text and byte string of a tenant by table and column; lists and JSON by their leaves."""
    found: dict[tuple[str, str], set[str | bytes]] = {}
    for table in tables.metadata.tables.values():
        rows = rows_of(world, table.name)
        for column in table.columns:
            if isinstance(column.type, Text | LargeBinary | ARRAY | JSONB):
                found[table.name, column.name] = {leaf for row in rows for leaf in _leaves(row[column.name])}
    return found


def _leaves(value: Any) -> Iterable[str | bytes]:
    match value:
        case str():
            yield value
        case bytes() | memoryview():
            yield bytes(value)
        case list() | tuple():
            for part in value:
                yield from _leaves(part)
        case dict():
            yield from _leaves(list(value.values()))
        case _:
            assert value is None, value


def markers(planted: Planted, asking: World) -> frozenset[str | bytes]:
    """Return all that is the planted tenant's alone: whatever stands in its rows, and in nobody's else's."""
    own = set().union(*columns_of(asking).values()) | _words_of_the_schema(asking)
    theirs = set().union(*columns_of(planted.world).values()) | planted.secrets | planted.words
    return frozenset(value for value in theirs - own if len(value) >= SHORTEST)


def _words_of_the_schema(world: World) -> set[str | bytes]:
    """Return the words of closed lists: states, kinds, purposes."""
    with world.house.archive.of(world.tenant.id) as records:
        rows = execute(records, "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'")
    return {word for (definition,) in rows for word in re.findall(r"'(\w+)'::text", definition)}


class Search:
    """Finds markers in answers, in every usual spelling, quickly: by their first bytes first."""

    def __init__(self, wanted: Iterable[str | bytes]) -> None:
        self._by_start: dict[bytes, list[tuple[bytes, str | bytes]]] = {}
        for marker in wanted:
            for spelled in _spellings(marker):
                self._by_start.setdefault(spelled[:SHORTEST], []).append((spelled, marker))

    def found(self, answer: bytes) -> set[str | bytes]:
        """Return the markers that stand in ``answer``."""
        starts = {answer[place : place + SHORTEST] for place in range(len(answer) - SHORTEST + 1)}
        return {
            marker
            for start in starts & self._by_start.keys()
            for spelled, marker in self._by_start[start]
            if spelled in answer
        }


def _spellings(marker: str | bytes) -> set[bytes]:
    raw = marker.encode() if isinstance(marker, str) else marker
    spelled = {base64url_encode(raw).encode(), *spellings(raw).values()}
    if isinstance(marker, str):
        spelled |= {each.encode() for each in (html.escape(marker), quote(marker, safe=""), json.dumps(marker)[1:-1])}
    return {each for each in spelled if len(each) >= SHORTEST}
