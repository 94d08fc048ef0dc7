"""What the use cases need from outside. The store implements the shelves; tests may stand in for clock and chance.

One :class:`Records` is one transaction of one tenant: nothing of another tenant can be read or written through it, and
nothing counts before its context ends without an exception.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from kiosk_protocol.identifiers import CheckInId, DeviceId, KeyId, SiteId, TenantId, VisitId
from kiosk_server.domain.chains import ChainHead
from kiosk_server.domain.records import (
    Alert,
    AlertOutcome,
    CheckIn,
    Conflict,
    Decision,
    DeskFact,
    Device,
    DeviceHealth,
    DocumentKind,
    FeedItem,
    KeyPurpose,
    PairingRun,
    PairingWindow,
    QuarantinedItem,
    RefreshToken,
    Settlement,
    Site,
    StoredDocument,
    StoredKey,
    Tenant,
    User,
    Visit,
    WebSession,
    WindowState,
)
from kiosk_server.services.intake import Intake

Clock = Callable[[], datetime]
Random = Callable[[int], bytes]


class Sites(Protocol):
    """The tenant itself and its sites."""

    def tenant(self) -> Tenant:
        """Return the tenant of this transaction."""

    def add(self, site: Site, at: datetime) -> None:
        """Store a new site."""

    def get(self, site: SiteId) -> Site | None:
        """Return the site, or None."""

    def all(self) -> Sequence[Site]:
        """Return every site, oldest first."""

    def renew_epoch(self, site: SiteId, epoch: str) -> None:
        """Replace the epoch of the site's feed."""


class Users(Protocol):
    """Users, their passwords, their sessions."""

    def add(self, user: User, at: datetime) -> None:
        """Store a new user with the sites assigned to it."""

    def get(self, user_id: str) -> User | None:
        """Return the user, or None."""

    def by_email(self, email: str) -> User | None:
        """Return the user with that address in lower case, or None."""

    def all(self) -> Sequence[User]:
        """Return every user by email address."""

    def set_password(self, user_id: str, password_hash: str, at: datetime) -> None:
        """Store or replace the user's password hash."""

    def password_hash(self, user_id: str) -> str | None:
        """Return the user's password hash, or None."""

    def add_refresh(self, token: RefreshToken) -> None:
        """Store a refresh token, by its hash."""

    def take_refresh(self, token_hash: bytes, at: datetime) -> RefreshToken | None:
        """Return the token as it was before this call and mark it used; concurrent callers take turns."""

    def revoke_family(self, family: str, at: datetime) -> None:
        """End every session that came from one login."""

    def failures(self, email_hash: bytes, since: datetime) -> int:
        """Return how many logins failed for this address since then."""

    def count_failure(self, email_hash: bytes, at: datetime, since: datetime) -> None:
        """Count a failed login; a count that began before ``since`` begins again."""

    def forget_failures(self, email_hash: bytes) -> None:
        """Forget failed logins."""

    def forget_sessions(self, before: datetime) -> None:
        """Delete what ended before then."""


class Visits(Protocol):
    """Visits and the codes issued for them."""

    def add(self, visit: Visit, at: datetime) -> None:
        """Store a new visit and its visitor."""

    def get(self, visit: VisitId) -> Visit | None:
        """Return the visit, or None."""

    def lock(self, visit: VisitId) -> Visit | None:
        """Return the visit and keep everybody else from changing it until the transaction ends."""

    def lock_all(self, visits: Sequence[VisitId]) -> Sequence[Visit]:
        """Return those of ``visits`` that exist, locked one after the other by identifier."""

    def list(self, sites: Sequence[SiteId], since: datetime, involving: str | None, most: int) -> Sequence[Visit]:
        """Return visits that end after ``since``, by arrival; of one user only where one is named."""

    def save(self, visit: Visit) -> None:
        """Write what may change of a visit."""

    def overdue(self, now: datetime, most: int) -> Sequence[VisitId]:
        """Return visits that are checked in past their departure."""

    def add_token(self, visit: Visit, kid: KeyId, sealed: bytes, at: datetime) -> None:
        """Store the code of the visit's live revision; fails if that revision has one."""

    def token(self, visit: VisitId, rev: int) -> bytes | None:
        """Return the sealed code of one revision, or None."""


class Keys(Protocol):
    """Keys and signed documents of the tenant."""

    def add(self, key: StoredKey) -> None:
        """Store a new key."""

    def all(self, purpose: KeyPurpose | None = None) -> Sequence[StoredKey]:
        """Return the tenant's keys, oldest first; of one purpose where one is named."""

    def lock(self) -> None:
        """Let everybody else who changes keys or signs documents of the tenant wait until the transaction ends."""

    def sign_from(self, kid: KeyId, at: datetime) -> None:
        """Let a waiting key begin to sign."""

    def retire(self, kid: KeyId, at: datetime) -> None:
        """Note that the key gave way to younger ones."""

    def revoke(self, kid: KeyId, at: datetime) -> None:
        """Note that the key is taken out."""

    def forget_private_half(self, kid: KeyId) -> None:
        """Delete the sealed private half."""

    def has_codes_after(self, kid: KeyId, moment: datetime) -> bool:
        """Whether a visit whose code this key signed ends after ``moment``."""

    def revoked_codes(self, now: datetime, most: int) -> Sequence[VisitId]:
        """Return expected visits whose live code was signed by a revoked key."""

    def has_revoked_code(self, visit: VisitId, rev: int) -> bool:
        """Whether a revoked key signed this revision's code."""

    def add_document(self, document: StoredDocument) -> bool:
        """Store the document unless its version exists; return whether it was stored."""

    def newest_documents(self, kind: DocumentKind, most: int) -> Sequence[StoredDocument]:
        """Return the documents of the highest versions, oldest first."""

    def newest_document(self, kind: DocumentKind) -> StoredDocument | None:
        """Return the document of the highest version, or None."""


class Feed(Protocol):
    """What kiosks are told, site by site, in the order of a counter without holes in time."""

    def put(self, site: SiteId, item: FeedItem) -> None:
        """Write the item at the site's next position, taken under the site's row lock until the commit."""

    def get(self, site: SiteId, visit: VisitId) -> FeedItem | None:
        """Return what the site's feed says of a visit, or None."""

    def after(self, site: SiteId, position: int, expires_after: datetime, most: int) -> Sequence[tuple[int, FeedItem]]:
        """Return items after ``position`` in order, leaving out visits that ended by ``expires_after``."""


class Pairings(Protocol):
    """Pairing windows and runs."""

    def opened_since(self, site: SiteId, since: datetime) -> int:
        """Return how many windows were opened since then; concurrent openers take turns."""

    def open(self, window: PairingWindow) -> None:
        """Store the window and close any other of its site."""

    def latest(self, site: SiteId) -> WindowState | None:
        """Return how the site's newest window stands, or None."""

    def count_try(self, site: SiteId, name: str | None, now: datetime, most: int) -> PairingWindow | None:
        """Count one try on the site's open window of that name and return it; None where none is open or left."""

    def close(self, window_id: str, at: datetime) -> bool:
        """Close the window; False where it was closed or over already. Concurrent callers take turns."""

    def runs_kept(self, site: SiteId) -> int:
        """Return how many unconfirmed runs of the site are stored."""

    def forget_runs(self, site: SiteId, before: datetime) -> None:
        """Delete the site's runs that started before then."""

    def add_run(self, run: PairingRun) -> None:
        """Store a run."""

    def lock_run(self, run_id: str) -> PairingRun | None:
        """Return the run once everybody before us is done with it, or None."""

    def drop_run(self, run_id: str) -> None:
        """Delete a run: it was tried, and failed."""

    def confirm_run(self, run_id: str, tag: str, sealed_answer: bytes, device: DeviceId) -> None:
        """Keep the answer, so that a repeated confirmation gets the same bytes."""


class Devices(Protocol):
    """Paired kiosks and the links of their outboxes."""

    def add(self, device: Device) -> None:
        """Store a newly paired device."""

    def get(self, device: DeviceId) -> Device | None:
        """Return the device, or None."""

    def all(self, site: SiteId | None = None) -> Sequence[Device]:
        """Return devices, oldest first; of one site where one is named."""

    def lock(self, device: DeviceId) -> Device | None:
        """Return the device once everybody before us is done with it, or None."""

    def revoke(self, device: DeviceId, at: datetime, revocation: bytes) -> None:
        """Let the device's token count no more, and keep the signed word on it; the first one stays."""

    def renew_token(self, device: DeviceId, token_id: str, expires: datetime) -> None:
        """Give the device another token; the one it had becomes the previous one."""

    def end_previous_token(self, device: DeviceId, until: datetime) -> None:
        """Say until when the token before the present one counts; the first word stays."""

    def saw(self, device: DeviceId, at: datetime) -> None:
        """Note that the device was heard of."""

    def rename(self, device: DeviceId, name: str) -> None:
        """Give the device another name."""

    def save_health(self, device: DeviceId, health: DeviceHealth) -> None:
        """Keep what the kiosk said last, in place of what it said before."""

    def head(self, device: DeviceId, chain_id: str) -> ChainHead:
        """Return what is known of the chain, and keep it from changing until the transaction ends."""

    def contiguous_after(self, device: DeviceId, chain_id: str, sequence: int) -> int:
        """Return the highest sequence reached from ``sequence`` without a missing one."""


class CheckIns(Protocol):
    """Claims, delivered items, and the flags that follow from them."""

    def claim(
        self, visit: VisitId, device: DeviceId, check_in: CheckInId, now: datetime, until: datetime
    ) -> datetime | None:
        """Lease the visit to the device; None while another device's lease runs."""

    def end_claim(self, visit: VisitId) -> None:
        """End any lease on the visit."""

    def find(self, ids: Sequence[CheckInId], visits: Sequence[VisitId]) -> Sequence[CheckIn]:
        """Return the items with these identifiers, and all that count for these visits, by identifier."""

    def of_visit(self, visit: VisitId) -> Sequence[CheckIn]:
        """Return every check-in that counts for the visit, by identifier."""

    def conflicts(self, visit: VisitId) -> frozenset[Conflict]:
        """Return the flags of a visit's check-ins."""


class Quarantine(Protocol):
    """What former keys handed over."""

    def held(self, device: DeviceId) -> tuple[int, int]:
        """Return how many items of the device lie here and how many bytes they take, once others are done adding."""

    def undecided(self, device: DeviceId) -> tuple[int, datetime | None]:
        """Return how many items of the device nobody decided on, and when the first of them came."""

    def known(self, device: DeviceId, digests: Sequence[bytes]) -> frozenset[bytes]:
        """Return which of the items lie here, decided or not."""

    def add(self, items: Sequence[QuarantinedItem]) -> None:
        """Store items; one that lies here already stays as it is."""

    def all(self, device: DeviceId | None = None) -> Sequence[QuarantinedItem]:
        """Return items by device and place in their chain; of one device where one is named."""

    def settle(self, device: DeviceId, digests: Sequence[bytes], decision: Decision, at: datetime) -> None:
        """Note what was decided; the first word stays."""

    def forget(self, before: datetime) -> int:
        """Delete what came before then, and return how much."""


class Journal(Protocol):
    """What happened: for auditors, and for whoever subscribes. People by identifier only."""

    def audit(
        self, at: datetime, actor_kind: str, actor_id: str | None, action: str, subject_id: str | None, **detail: str
    ) -> None:
        """Note what somebody did, for auditors."""

    def event(self, at: datetime, kind: str, visit: Visit) -> None:
        """Note what happened to a visit, for subscribers."""

    def newest(self) -> int:
        """Return a number that grows with every entry of the audit log: another number, something happened."""


class Desk(Protocol):
    """What people at reception did, and the flags that wait for them."""

    def add(self, fact: DeskFact) -> None:
        """Store what somebody did by hand; once a visit and kind."""

    def facts(self, visits: Sequence[VisitId]) -> Sequence[DeskFact]:
        """Return what was done by hand for these visits."""

    def settle(self, settlement: Settlement) -> None:
        """Store why a flag needs no attention any more; the first reason stays."""

    def settlements(self, visit: VisitId) -> Sequence[Settlement]:
        """Return how the visit's flags were settled."""

    def open_conflicts(self, sites: Sequence[SiteId], most: int) -> Sequence[Conflict]:
        """Return flags on visits at these sites that nobody settled yet, oldest first."""


class WebSessions(Protocol):
    """Sessions of the dashboard."""

    def add(self, session: WebSession) -> None:
        """Store a new session."""

    def get(self, session_hash: bytes) -> WebSession | None:
        """Return the session, or None."""

    def saw(self, session_hash: bytes, at: datetime) -> None:
        """Note that the session was used."""

    def end(self, session_hash: bytes) -> None:
        """Delete the session."""

    def forget(self, before: datetime) -> None:
        """Delete sessions whose time was over before then."""


class Alerts(Protocol):
    """Emails about silent kiosks."""

    def add(self, alert: Alert, at: datetime) -> None:
        """Note that somebody is to be told; one that is noted already stays as it is."""

    def latest(self, device: DeviceId) -> Sequence[Alert]:
        """Return every alert about the device's latest silence."""

    def take_due(self, now: datetime) -> Alert | None:
        """Return an alert whose time has come, locked until the transaction ends; None where there is none."""

    def count_attempt(self, alert: Alert, next_try_at: datetime) -> None:
        """Count one attempt before it is made, and say when the next one may be."""

    def settle(self, alert: Alert, outcome: AlertOutcome, at: datetime) -> None:
        """Note that nothing more is to be done."""


class Records(Protocol):
    """Everything of one tenant, in one transaction."""

    @property
    def tenant_id(self) -> TenantId:
        """The tenant of this transaction."""

    @property
    def sites(self) -> Sites:
        """The tenant and its sites."""

    @property
    def users(self) -> Users:
        """Users, passwords, sessions."""

    @property
    def visits(self) -> Visits:
        """Visits and their codes."""

    @property
    def keys(self) -> Keys:
        """Keys and signed documents."""

    @property
    def feed(self) -> Feed:
        """What kiosks are told."""

    @property
    def pairings(self) -> Pairings:
        """Pairing windows and runs."""

    @property
    def devices(self) -> Devices:
        """Paired kiosks."""

    @property
    def check_ins(self) -> CheckIns:
        """Claims and check-ins."""

    @property
    def quarantine(self) -> Quarantine:
        """What former keys handed over."""

    @property
    def intake(self) -> Intake:
        """What a delivery of many check-ins needs beside the others."""

    @property
    def alerts(self) -> Alerts:
        """Emails about silent kiosks."""

    @property
    def journal(self) -> Journal:
        """Audit log and events."""

    @property
    def desk(self) -> Desk:
        """What reception did by hand."""

    @property
    def web_sessions(self) -> WebSessions:
        """Sessions of the dashboard."""


class Archive(Protocol):
    """The way to the records."""

    def of(self, tenant: TenantId) -> AbstractContextManager[Records]:
        """Open a transaction of ``tenant``: committed at the end, rolled back by an exception."""

    def tenant_of_slug(self, slug: str) -> TenantId | None:
        """Return the tenant called ``slug``, or None."""

    def tenant_ids(self) -> Sequence[TenantId]:
        """Return every tenant, oldest first."""

    def add_tenant(self, tenant: Tenant, at: datetime) -> bool:
        """Store a tenant, as the schema's owner; False where the slug is taken."""

    def is_reachable(self) -> bool:
        """Whether the database answers now."""


class Vault(Protocol):
    """Encryption at rest with a key that lies outside the database."""

    def seal(self, plain: bytes, context: str) -> bytes:
        """Return ``plain`` encrypted; ``context`` says which record it belongs to and is checked when opening."""

    def open(self, sealed: bytes, context: str) -> bytes:
        """Return the plain bytes.

        Raises:
            VaultError: another key, another context, or damaged bytes.
        """


class VaultError(Exception):
    """A sealed value does not open: the master key is another one, or the row was changed."""


class Passwords(Protocol):
    """Password hashing."""

    def hash(self, password: str) -> str:
        """Return the hash of a new password."""

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Compare in the same time whether or not there is a hash."""

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
