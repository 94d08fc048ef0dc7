"""Pairing: staff open a window, a kiosk runs through it once (protocol, "Pairing").

Whoever does not know the digits learns nothing here: a missing window, a used-up one and a wrong code give the same
answers after the same steps.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk_protocol.cpace import ELEMENT_BYTES, Secret
from kiosk_protocol.device_tokens import VALIDITY_S, DeviceClaims, issue_device_token, key_thumbprint
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import DocumentError, ProtocolError
from kiosk_protocol.identifiers import DeviceId, SiteId, TenantId, key_id_of
from kiosk_protocol.keys import load_public_key
from kiosk_protocol.messages import (
    ConfirmPairing,
    PairingConfirmed,
    PairingResult,
    PairingStarted,
    StartPairing,
    TrustAnswer,
    decode,
    encode,
)
from kiosk_protocol.pairing import SetupCode, pairing_address
from kiosk_protocol.pairing_run import Offer, RunKeys, check_offer, make_reply, root_hash, seal_result, server_keys
from kiosk_server.domain.pairing import (
    DAY,
    MOST_RUNS_KEPT,
    MOST_TRIES,
    RUN_KEPT,
    WINDOW,
    WINDOWS_A_DAY,
    draw_digits,
    draw_window_name,
)
from kiosk_server.domain.problems import BadRequestError, ForbiddenError, TooManyError
from kiosk_server.domain.records import Device, PairingRun, PairingWindow, WindowState
from kiosk_server.domain.texts import clean_line
from kiosk_server.domain.times import to_milliseconds, to_seconds
from kiosk_server.services.house import Actor, House
from kiosk_server.services.keys import signing_key
from kiosk_server.services.ports import Records
from kiosk_server.services.tenancy import configuration_of, find_tenant, require_site
from kiosk_server.services.trust import current_trust


@dataclass(frozen=True, slots=True)
class OpenedWindow:
    """What staff carry to the kiosk."""

    code: str
    setup_code: SetupCode
    expires_at: datetime


def open_window(house: House, tenant: TenantId, site_id: SiteId, actor: Actor, *, named: bool = False) -> OpenedWindow:
    """Open a pairing window for one site; a window that is still open there is closed.

    A ``named`` one answers only to the name in its set-up code, for when strangers used up the tries of another.

    Raises:
        NotFoundError: ``unknown_site``.
        TooManyError: ``too_many_windows``.
    """
    now = house.now()
    code = draw_digits(house.random)
    name = draw_window_name(house.random) if named else None
    with house.archive.of(tenant) as records:
        site = require_site(records, site_id)
        if records.pairings.opened_since(site.id, now - DAY) >= WINDOWS_A_DAY:
            raise TooManyError("too_many_windows", f"At most {WINDOWS_A_DAY} pairing windows a day may be opened here.")
        window_id = house.long_id()
        sealed = house.vault.seal(code.encode("ascii"), _code_context(tenant, window_id))
        opened_by = actor.id or actor.kind
        records.pairings.open(PairingWindow(window_id, site.id, sealed, now, now + WINDOW, opened_by, name))
        records.journal.audit(now, actor.kind, actor.id, "pairing.window_opened", site.id, window=window_id)
        slug = records.sites.tenant().slug
    return OpenedWindow(code, SetupCode(house.address.base_url, slug, site.id, name), now + WINDOW)


def latest_window(house: House, tenant: TenantId, site: SiteId) -> WindowState | None:
    """Return how the site's newest window stands, or None where there never was one."""
    with house.archive.of(tenant) as records:
        return records.pairings.latest(site)


def start_run(house: House, slug: str, site_id: str, message: StartPairing) -> PairingStarted:
    """Begin a run. The try is counted here, before anything is known about the code.

    Raises:
        NotFoundError: there is no such pairing address.
        BadRequestError: ``kiosk_key``, ``share`` or the name cannot be used.
        TooManyError: ``too_many_runs``.
    """
    now = house.now()
    clean_line(message.name, "kiosk's name", 64)
    offer = Offer(
        address=pairing_address(house.address.base_url, slug, SiteId(site_id)),
        sid=message.sid,
        kiosk_key=message.kiosk_key,
        name=message.name,  # as it came: the run is over these very characters
        share=message.share,
    )
    _check(offer)
    tenant = find_tenant(house, slug)
    with house.archive.of(tenant) as records:
        site = require_site(records, site_id)
        records.pairings.forget_runs(site.id, now - RUN_KEPT)
        kept = records.pairings.runs_kept(site.id)
        window = records.pairings.count_try(site.id, message.window, now, MOST_TRIES)
        # Whoever can name the window was sent by staff: strangers do not shut them out by filling this up.
        if kept >= MOST_RUNS_KEPT and (window is None or window.name is None):
            raise TooManyError("too_many_runs", "Too many pairing attempts; try again in an hour.")
        code = _code(house, tenant, window)
        secret = Secret(house.random(ELEMENT_BYTES))
        root = root_hash(current_trust(house, records, now).root)
        reply = make_reply(code, secret, offer, run_id=house.long_id(), root_hash=root)
        keys = server_keys(secret, offer, reply)
        run = PairingRun(
            id=reply.run_id,
            site=site.id,
            window_id=None if window is None else window.id,
            kiosk_key=offer.kiosk_key,
            name=offer.name,
            root_hash=reply.root_hash,
            sealed_keys=house.vault.seal(bytes(keys), _keys_context(tenant, reply.run_id)),
            started_at=now,
        )
        records.pairings.add_run(run)
        records.journal.audit(
            now, "stranger", None, "pairing.started", site.id, run=run.id, window=run.window_id or "none"
        )
    return PairingStarted(run_id=reply.run_id, root_hash=reply.root_hash, share=reply.share)


def _code(house: House, tenant: TenantId, window: PairingWindow | None) -> str:
    """Return the window's digits, or without a window others that nobody knows, by the same steps."""
    decoy_id = house.long_id()
    decoy = house.vault.seal(draw_digits(house.random).encode("ascii"), _code_context(tenant, decoy_id))
    sealed, owner = (decoy, decoy_id) if window is None else (window.sealed_code, window.id)
    return house.vault.open(sealed, _code_context(tenant, owner)).decode("ascii")


def confirm_run(house: House, slug: str, site_id: str, message: ConfirmPairing) -> PairingConfirmed:
    """Finish a run: the right tag makes a device and its token, once; repeated, it gets the same bytes.

    Raises:
        NotFoundError: there is no such pairing address.
        ForbiddenError: ``pairing_refused``, whatever the reason.
    """
    now = house.now()
    tenant = find_tenant(house, slug)
    with house.archive.of(tenant) as records:
        site = require_site(records, site_id)
        run = records.pairings.lock_run(message.run_id)
        answer = None
        if run is not None and run.site == site.id:
            answer = _answer(house, records, run, message.kiosk_tag, now)
        if answer is None:
            records.journal.audit(now, "stranger", None, "pairing.refused", site.id, run=message.run_id)
    # Raised after the commit, so that the refusal stays in the audit log.
    if answer is None:
        raise ForbiddenError("pairing_refused", "The digits are wrong, or no pairing window is open for this site.")
    return answer


def _answer(house: House, records: Records, run: PairingRun, kiosk_tag: str, now: datetime) -> PairingConfirmed | None:
    """Return the run's answer, made now or at its first confirmation; None where it earns none."""
    keys = RunKeys.from_bytes(house.vault.open(run.sealed_keys, _keys_context(records.tenant_id, run.id)))
    if not keys.accepts_kiosk(kiosk_tag):
        # One tag for each run (draft-irtf-cfrg-cpace §10.4: abort). A run that was answered stays, to be asked again.
        if run.sealed_answer is None:
            records.pairings.drop_run(run.id)
        return None
    if run.sealed_answer is not None:
        return decode(house.vault.open(run.sealed_answer, _answer_context(records.tenant_id, run.id)), PairingConfirmed)
    trust = current_trust(house, records, now)
    if (
        root_hash(trust.root) != run.root_hash
        or run.window_id is None
        or not records.pairings.close(run.window_id, now)
    ):
        return None
    device, result = _enrol(house, records, run, trust, now)
    answer = PairingConfirmed(
        server_tag=base64url_encode(keys.server_tag), result=seal_result(keys, result, house.random)
    )
    sealed = house.vault.seal(encode(answer), _answer_context(records.tenant_id, run.id))
    records.pairings.confirm_run(run.id, kiosk_tag, sealed, device)
    records.journal.audit(now, "stranger", None, "pairing.completed", device, run=run.id)
    return answer


def _enrol(
    house: House, records: Records, run: PairingRun, trust: TrustAnswer, now: datetime
) -> tuple[DeviceId, PairingResult]:
    site = require_site(records, run.site)
    public_key = load_public_key(key_id_of(run.kiosk_key.encode("ascii")), run.kiosk_key).raw
    claims = DeviceClaims(
        device=DeviceId(house.long_id()),
        tenant=records.tenant_id,
        site=site.id,
        token_id=house.long_id(),
        issued_at=to_seconds(now),
        expires=to_seconds(now) + VALIDITY_S,
        key_thumbprint=key_thumbprint(public_key),
    )
    device = Device(
        id=claims.device,
        site=site.id,
        name=clean_line(run.name, "kiosk's name", 64),
        public_key=public_key,
        thumbprint=claims.key_thumbprint,
        token_id=claims.token_id,
        token_expires_at=now + timedelta(seconds=VALIDITY_S),
        paired_at=now,
        last_seen_at=None,
        revoked_at=None,
    )
    records.devices.add(device)
    result = PairingResult(
        device_id=device.id,
        device_token=issue_device_token(claims, *signing_key(house, records, "device", now)),
        root=trust.root,
        bundle=trust.bundle,
        ca_certificate=house.address.ca_pem,
        configuration=configuration_of(records.sites.tenant(), site),
        server_time_ms=to_milliseconds(now),
    )
    return device.id, result


def _check(offer: Offer) -> None:
    """Refuse what nothing can be made of before the code is touched, so that it costs no try and tells no time."""
    try:
        load_public_key(key_id_of(offer.kiosk_key.encode("ascii")), offer.kiosk_key)
    except DocumentError:
        raise BadRequestError("kiosk_key", "This is no usable Ed25519 key.") from None
    try:
        check_offer(offer)
    except ProtocolError:
        raise BadRequestError("share", "This is no usable share.") from None


def _code_context(tenant: TenantId, owner_id: str) -> str:
    return f"pairing-code {tenant} {owner_id}"


def _keys_context(tenant: TenantId, run_id: str) -> str:
    return f"pairing-keys {tenant} {run_id}"


def _answer_context(tenant: TenantId, run_id: str) -> str:
    return f"pairing-answer {tenant} {run_id}"
