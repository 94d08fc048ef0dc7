"""What server tests share: a clock to turn, a tenant of one's own, and a kiosk that speaks the protocol by hand."""

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from argon2.profiles import CHEAPEST
from msgspec.structs import replace as replace_members
from nacl.signing import SigningKey
from sqlalchemy import text
from starlette.exceptions import StarletteDeprecationWarning

from kiosk_protocol.cpace import Secret
from kiosk_protocol.device_tokens import read_device_token
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.identifiers import SiteId, uuid7
from kiosk_protocol.messages import (
    API_ROOT,
    Batch,
    BatchAnswer,
    ConfirmPairing,
    Message,
    OutboxEntry,
    PairingConfirmed,
    PairingResult,
    PairingStarted,
    StartPairing,
    decode,
    encode,
)
from kiosk_protocol.pairing import pairing_address
from kiosk_protocol.pairing_run import SUITE, Reply, kiosk_keys, make_offer, open_result, root_hash
from kiosk_protocol.proofs import make_proof
from kiosk_protocol.records import CheckInRecord, sign_record
from kiosk_protocol.sealing import chain_next, chain_start, item_hash, seal_item
from kiosk_protocol.trust import TrustState, pin
from kiosk_server.domain.records import Site, Tenant, User
from kiosk_server.domain.roles import Role
from kiosk_server.domain.times import to_milliseconds, to_seconds
from kiosk_server.http.api import create_api
from kiosk_server.services import accounts, pairing, tenancy, visits
from kiosk_server.services.house import OPERATOR, House, PublicAddress
from kiosk_server.services.ports import Archive, Random, Records
from kiosk_server.store.database import TenantRecords
from kiosk_server.store.passwords import ArgonPasswords
from kiosk_server.store.vault import AesVault

with warnings.catch_warnings():
    # It asks for httpx2; the kiosk is pinned to httpx, and two HTTP libraries would test two things.
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from fastapi.testclient import TestClient

BASE_URL = "https://door.example:8443"
START = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
PASSWORD = "correct horse battery"


class HandClock:
    """A clock that moves when told to."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@dataclass
class World:
    """One tenant with two sites on a database that other tenants use as well."""

    house: House
    clock: HandClock
    tenant: Tenant
    site: Site
    other_site: Site
    client: TestClient = field(init=False)
    users: dict[Role, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = TestClient(create_api(self.house), base_url=BASE_URL, raise_server_exceptions=False)

    def visit(self, name: str = "Ada Lovelace", **changes: Any) -> visits.IssuedVisit:
        """Register a visit that may begin now and lasts two hours."""
        new = visits.NewVisit(site=self.site.id, visitor_name=name, arrival=self.clock.now)
        return visits.register_visit(self.house, self.tenant.id, replace(new, **changes), OPERATOR)

    def window(self, site: SiteId | None = None, *, named: bool = False) -> pairing.OpenedWindow:
        return pairing.open_window(self.house, self.tenant.id, site or self.site.id, OPERATOR, named=named)

    def kiosk(self, name: str = "Lobby", site: SiteId | None = None) -> "HandKiosk":
        """Return a paired kiosk."""
        kiosk = HandKiosk(self, site or self.site.id, name)
        kiosk.pair(self.window(site).code)
        return kiosk

    def user(self, role: Role) -> User:
        """Return the tenant's user of ``role``, made on first use, assigned to the first site."""
        if role not in self.users:
            sites = frozenset() if role is Role.TENANT_ADMIN else frozenset({self.site.id})
            new = accounts.NewUser(f"{role.value}@acme.example", role.value, role, PASSWORD, sites)
            self.users[role] = accounts.create_user(self.house, self.tenant.id, new, OPERATOR)
        return self.users[role]

    def login(self, role: Role) -> dict[str, Any]:
        body = {"tenant": self.tenant.slug, "email": self.user(role).email, "password": PASSWORD}
        return dict(self.client.post(f"{API_ROOT}/auth/login", json=body).json())

    def headers(self, role: Role) -> dict[str, str]:
        """Return the header of a logged-in user."""
        return {"Authorization": f"Bearer {self.login(role)['accessToken']}"}


def new_world(archive: Archive, number: int, random: Random = os.urandom) -> World:
    """Return a fresh tenant."""
    clock = HandClock()
    address = PublicAddress(BASE_URL, "-----BEGIN CERTIFICATE-----\n")
    house = House(archive, AesVault(b"m" * 32), ArgonPasswords(CHEAPEST), clock, random, address)
    tenant = tenancy.create_tenant(house, f"acme-{number}", "Acme", OPERATOR)
    new = tenancy.NewSite("House", "Europe/Vienna")
    site = tenancy.create_site(house, tenant.id, new, OPERATOR)
    other = tenancy.create_site(house, tenant.id, replace(new, name="Harbour"), OPERATOR)
    return World(house, clock, tenant, site, other)


def execute(records: Records, statement: str, **values: Any) -> Sequence[Any]:
    """Run SQL of the test's own in the transaction of ``records``, past all that the store allows."""
    assert isinstance(records, TenantRecords)
    result = records.keys._connection.execute(text(statement), values)
    return result.all() if result.returns_rows else ()


class HandKiosk:
    """A kiosk as the protocol describes it, without any of the kiosk's own code."""

    def __init__(self, world: World, site: SiteId, name: str = "Lobby") -> None:
        self.world = world
        self.site = site
        self.name = name
        self.key = SigningKey.generate()
        self.begin_chain(base64url_encode(os.urandom(16)))
        self.result: PairingResult | None = None
        self.trust: TrustState | None = None

    def begin_chain(self, chain_id: str) -> None:
        self.chain_id, self.sequence, self.chain = chain_id, 0, chain_start(chain_id)

    @property
    def root(self) -> str:
        return f"{API_ROOT}/pairing/{self.world.tenant.slug}/{self.site}"

    def start(self, digits: str, window: str | None = None) -> httpx.Response:
        self.secret = Secret(os.urandom(32))
        self.offer = make_offer(
            digits,
            self.secret,
            address=pairing_address(BASE_URL, self.world.tenant.slug, self.site),
            sid=base64url_encode(os.urandom(16)),
            kiosk_key=base64url_encode(bytes(self.key.verify_key)),
            name=self.name,
        )
        self.message = StartPairing(
            suite=SUITE,
            sid=self.offer.sid,
            kiosk_key=self.offer.kiosk_key,
            name=self.name,
            share=self.offer.share,
            window=window,
        )
        response = self.world.client.post(f"{self.root}/start", content=encode(self.message))
        if response.status_code == 200:
            self.run = decode(response.content, PairingStarted)
            self.keys = kiosk_keys(self.secret, self.offer, Reply(self.run.run_id, self.run.root_hash, self.run.share))
        return response

    def confirm(self) -> httpx.Response:
        message = ConfirmPairing(run_id=self.run.run_id, kiosk_tag=base64url_encode(self.keys.kiosk_tag))
        return self.world.client.post(f"{self.root}/confirm", content=encode(message))

    def pair(self, digits: str, window: str | None = None) -> None:
        assert self.start(digits, window).status_code == 200
        response = self.confirm()
        assert response.status_code == 200, response.text
        confirmed = decode(response.content, PairingConfirmed)
        assert self.keys.accepts_server(confirmed.server_tag)
        self.result = open_result(self.keys, confirmed.result)
        assert root_hash(self.result.root) == self.run.root_hash
        now_s = to_seconds(self.world.clock.now)
        self.trust = pin(self.result.root, self.result.bundle, self.world.tenant.id, now_s)
        read_device_token(self.result.device_token, self.trust.keys("device", now_s), now_s)

    @property
    def device_id(self) -> str:
        assert self.result is not None
        return self.result.device_id

    def headers(self, method: str, path: str, **changes: Any) -> dict[str, str]:
        assert self.result is not None
        facts: dict[str, Any] = {
            "method": method,
            "url": BASE_URL + path,
            "access_token": self.result.device_token,
            "proof_id": base64url_encode(os.urandom(12)),
            "issued_at_s": 0,
            # As the last answer brought it.
            "nonce": self.world.house.freshness.nonce(self.world.clock.now),
        }
        key = changes.pop("key", self.key)
        return {
            "Authorization": f"DPoP {self.result.device_token}",
            "DPoP": make_proof(key, **(facts | changes)),
        }

    def ask(self, method: str, path: str, message: Message | None = None, query: str = "") -> httpx.Response:
        path = f"{API_ROOT}{path}"
        content = b"" if message is None else encode(message)
        return self.world.client.request(method, path + query, content=content, headers=self.headers(method, path))

    def item(self, token: str, minutes: float = 0, **changes: Any) -> OutboxEntry:
        """Return the next item of this kiosk's chain: ``token`` admitted ``minutes`` from the start of the test."""
        assert self.result is not None
        decided_ms = to_milliseconds(START) + int(minutes * 60_000)
        record = CheckInRecord(
            type="check-in",
            check_in_id=uuid7(decided_ms, os.urandom(10)),
            tenant_id=self.world.tenant.id,
            site_id=self.site,
            device_id=self.result.device_id,
            token=token,
            scanned_at_ms=decided_ms,
            decided_at_ms=decided_ms,
            mode="offline",
            clock="sure",
            known=True,
            app_version="0.1.0",
        )
        return self.entry(replace_members(record, **changes))

    def entry(self, record: CheckInRecord, key: SigningKey | None = None) -> OutboxEntry:
        return self.sealed_entry(record.check_in_id, sign_record(record, key or self.key))

    def sealed_entry(self, check_in_id: str, content: bytes, seal_kid: str | None = None) -> OutboxEntry:
        assert self.trust is not None
        seal_key = self.trust.seal_key(to_seconds(self.world.clock.now))
        assert seal_key is not None
        sealed = seal_item(content, seal_key.raw)
        self.sequence += 1
        self.chain = chain_next(self.chain, item_hash(sealed))
        return OutboxEntry(
            check_in_id=check_in_id,
            sequence=self.sequence,
            hash=base64url_encode(item_hash(sealed)),
            chain=base64url_encode(self.chain),
            seal_kid=seal_kid or seal_key.kid,
            sealed=base64url_encode(sealed),
        )

    def send(self, *entries: OutboxEntry) -> BatchAnswer:
        response = self.ask("POST", "/kiosk/check-ins", Batch(chain_id=self.chain_id, entries=entries))
        assert response.status_code == 200, response.text
        return decode(response.content, BatchAnswer)
