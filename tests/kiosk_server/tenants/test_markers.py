"""Whatever somebody of one tenant asks, with whatever of another's in any place: no byte of the other one comes back.

And nothing of the other one is changed. The other tenant holds something in every table; searched for is every text and
byte string in its rows that is its alone, what it was given and is not stored, each in every usual spelling.
"""

from dataclasses import dataclass, replace
from typing import Final

import httpx
import msgspec
import pytest

from kiosk_protocol.device_tokens import DeviceClaims, issue_device_token, key_thumbprint
from kiosk_protocol.identifiers import DeviceId, uuid7
from kiosk_server.domain.roles import Role
from kiosk_server.domain.times import to_seconds
from kiosk_server.domain.user_tokens import UserClaims, issue_user_token
from kiosk_server.services.keys import signing_key
from kiosk_server.services.visits import IssuedVisit
from kiosk_server.web.cookies import DOOR, SESSION, form_token
from tests.kiosk_server.support import BASE_URL, HandKiosk, World
from tests.kiosk_server.tenants.conftest import Neighbours
from tests.kiosk_server.tenants.operations import ENDLESS, Question, Slots, operations, questions
from tests.kiosk_server.tenants.planted import Search, columns_of, hashes_of, rows_of
from tests.kiosk_server.web.browser import Browser, signed_in

Headers = dict[str, str]
PUBLIC_TABLES: Final = {"audit_log", "login_failures"}
"""A stranger's wrong password at the other tenant's own door is noted there, whoever the stranger is."""
OPERATIONS: Final = operations()
EMPTY: Final = {
    ("visits", "created_by"),
    ("devices", "previous_token_id"),
    ("alerts", "outcome"),
    ("quarantine", "settlement"),
}
"""What the other tenant has nothing in: identifiers and words of closed lists."""
KIOSK: Final = "kiosk"
NOBODY: Final = "nobody"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked with, and what about."""

    near: Neighbours
    browser: Browser
    own: Slots
    foreign: Slots


@pytest.fixture(scope="module")
def inquiry(neighbours: Neighbours) -> Inquiry:
    """Questions put together from things of both tenants."""
    asking, planted = neighbours.asking, neighbours.planted
    own = slots_of(asking, neighbours.kiosk, asking.visit(), 2)
    foreign = slots_of(planted.world, planted.kiosk, planted.visits[0], 1)
    return Inquiry(neighbours, Browser(asking), own, foreign)


def slots_of(world: World, kiosk: HandKiosk, issued: IssuedVisit, number: int) -> Slots:
    """Return something of each kind that belongs to ``world``; of a refresh token the part that names the tenant."""
    return {
        "tenant": world.tenant.slug,
        "site": world.site.id,
        "visit": issued.visit.id,
        "kiosk": kiosk.device_id,
        "user": world.user(Role.MEMBER).id,
        "email": world.user(Role.MEMBER).email,
        "word": issued.visit.visitor.name,
        "token": issued.token,
        "check_in": uuid7(number, bytes(10)),
        "run": str(rows_of(world, "pairing_runs")[0]["id"]),
        "epoch": str(rows_of(world, "sites")[0]["feed_epoch"]),
        "refresh": f"{world.tenant.id}.{'R' * 43}",
    }


class Asker:
    """Somebody who asks as themselves, and with the other tenant written into their own credentials."""

    def __init__(self, near: Neighbours, browser: Browser, who: str) -> None:
        self._near, self._browser, self._who = near, browser, who
        self._cookie = self._bearer = ""
        if who in set(Role):
            self._cookie = signed_in(near.asking, Role(who)).cookie
            self._bearer = str(near.asking.login(Role(who))["accessToken"])

    def ask(self, question: Question, *, forged: bool) -> httpx.Response:
        """Send a question."""
        operation, client = question.operation, self._browser.client
        client.cookies.clear()
        headers = self._headers(question, forged=forged)
        if not operation.is_page:
            content = msgspec.json.encode(question.body) if operation.body else b""
            return client.request(
                operation.method, question.path, params=question.query, content=content, headers=headers
            )
        cookie = headers["Cookie"].partition("=")[2].partition(";")[0]
        form = {"csrf": form_token(cookie)} | dict(question.body) if operation.method == "POST" else None
        return client.request(operation.method, question.path, params=question.query, data=form, headers=headers)

    def _headers(self, question: Question, *, forged: bool) -> Headers:
        operation, foreign = question.operation, self._near.planted.world.tenant.id
        if operation.is_page:
            tenant, _, secret = self._cookie.partition(".")
            cookie = f"{foreign if forged else tenant}.{secret}" if secret else ""
            named = f"{DOOR}={'D' * 43}" if operation.is_public else f"{SESSION}={cookie}"
            return {"Cookie": named, "Origin": BASE_URL}
        if self._who == KIOSK:
            return self._kiosk_headers(question, forged=forged)
        bearer = self._forged_bearer() if forged and self._bearer else self._bearer
        return {"Authorization": f"Bearer {bearer}"} if bearer else {}

    def _forged_bearer(self) -> str:
        """Return our own user's token, signed by our own key, that says it is the other tenant's."""
        world, now_s = self._near.asking, to_seconds(self._near.asking.clock.now)
        with world.house.archive.of(world.tenant.id) as records:
            kid, key = signing_key(world.house, records, "user", world.clock.now)
        there = self._near.planted.world
        user = there.user(Role.TENANT_ADMIN).id
        claims = UserClaims(user, there.tenant.id, (), Role.TENANT_ADMIN.value, "J" * 22, now_s, now_s + 60)
        return issue_user_token(claims, kid, key)

    def _kiosk_headers(self, question: Question, *, forged: bool) -> Headers:
        world, door, there = self._near.asking, self._near.kiosk, self._near.planted
        if not forged:
            return door.headers(question.operation.method, question.path)
        with world.house.archive.of(world.tenant.id) as records:
            kid, key = signing_key(world.house, records, "device", world.clock.now)
        now_s, thumbprint = to_seconds(world.clock.now), key_thumbprint(bytes(door.key.verify_key))
        device, site = DeviceId(there.kiosk.device_id), there.world.site.id
        claims = DeviceClaims(device, there.world.tenant.id, site, "J" * 22, now_s, now_s + 60, thumbprint)
        token = issue_device_token(claims, kid, key)
        made = door.headers(question.operation.method, question.path, access_token=token)
        return made | {"Authorization": f"DPoP {token}"}


def assert_nothing_of_the_other(search: Search, answer: httpx.Response, question: Question) -> None:
    """Not in the body, not in a header; what was sent may come back, as in a form that is shown again."""
    headers = b"\n".join(name + b": " + value for name, value in answer.headers.raw)
    found = search.found(headers + b"\n\n" + answer.content)
    left = [marker for marker in found if not any(isinstance(marker, str) and marker in sent for sent in question.sent)]
    assert not left, (question, answer.status_code, left)
    assert answer.status_code < 500, (question, answer.text)


def ask_all(inquiry: Inquiry, who: str, *, public: bool) -> int:
    """Ask everything, and return how often."""
    asker, asked = Asker(inquiry.near, inquiry.browser, who), 0
    for operation in OPERATIONS:
        if operation.is_public != public:
            continue
        for question in questions(operation, inquiry.own, inquiry.foreign):
            for forged in (False, True):
                # The stream of somebody who is signed in does not end: test_live.py listens to it.
                if operation.path == ENDLESS and not forged and who in set(Role):
                    continue
                answer = asker.ask(question, forged=forged)
                assert_nothing_of_the_other(inquiry.near.search, answer, question)
                asked += 1
    return asked


@pytest.mark.parametrize("who", [*(role.value for role in Role), KIOSK, NOBODY])
def test_no_byte_of_another_tenant_comes_back_and_none_is_changed(inquiry: Inquiry, who: str) -> None:
    """Every operation, as everybody, with the other's identifiers in each place, in all, and in the credential."""
    before = hashes_of(inquiry.near.planted.world)
    assert ask_all(inquiry, who, public=False) > 80
    assert hashes_of(inquiry.near.planted.world) == before


def test_doors_that_are_open_to_strangers_tell_them_nothing(inquiry: Inquiry) -> None:
    """Signing in, refreshing, leaving and pairing at the other's own address: noted there as a stranger's try."""
    before = hashes_of(inquiry.near.planted.world)
    assert ask_all(inquiry, NOBODY, public=True) > 20
    after = hashes_of(inquiry.near.planted.world)
    assert {table for table in after if after[table] != before[table]} <= PUBLIC_TABLES


def test_every_column_of_the_other_tenant_holds_something(neighbours: Neighbours) -> None:
    """A table that nobody planted anything in would prove nothing."""
    columns = columns_of(neighbours.planted.world)
    assert {place for place, values in columns.items() if not values} == EMPTY
    assert len(columns) > 100


def test_the_search_finds_what_the_other_tenant_reads_of_itself(neighbours: Neighbours) -> None:
    """The same questions, asked by those whose things they are, bring back every word that people wrote."""
    planted, found = neighbours.planted, set[str | bytes]()
    at_home = replace(neighbours, asking=planted.world, kiosk=planted.kiosk)
    for who in (Role.TENANT_ADMIN, KIOSK):
        asker = Asker(at_home, Browser(planted.world), who)
        for issued, kiosk in zip(planted.visits, (planted.kiosk, planted.former) * 2, strict=True):
            slots = slots_of(planted.world, kiosk, issued, 3)
            for operation in OPERATIONS:
                if operation.method == "GET" and operation.path != ENDLESS:
                    *_, question = questions(replace(operation, query={}), slots, slots)
                    answer = asker.ask(replace(question, query={}), forged=False)
                    found |= neighbours.search.found(answer.content)
    assert planted.words - found == set()
