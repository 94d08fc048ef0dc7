"""Paired kiosks: who is asking, and who may no longer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kiosk_protocol.device_tokens import read_device_token
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import CredentialError
from kiosk_protocol.identifiers import DeviceId, SiteId, TenantId, is_long_id
from kiosk_protocol.messages import encode
from kiosk_protocol.proofs import check_proof
from kiosk_protocol.revocation import RevocationDocument
from kiosk_protocol.signing import sign_revocation
from kiosk_server.domain.health import OVERLAP, grace_begins, is_worth_noting, token_counts
from kiosk_server.domain.problems import NonceWantedError, NotFoundError, RevokedError, UnauthenticatedError
from kiosk_server.domain.records import Device
from kiosk_server.domain.texts import clean_line
from kiosk_server.domain.times import to_seconds
from kiosk_server.services.house import Actor, House
from kiosk_server.services.keys import older_signers, signing_key, trusted_keys
from kiosk_server.services.ports import Records

LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class KioskPrincipal:
    """A kiosk that showed its token and proved that it holds the key."""

    tenant: TenantId
    device: Device


@dataclass(frozen=True, slots=True)
class ShownProof:
    """The proof that came with a request, and what it must be a proof of."""

    text: str | None
    method: str
    path: str


def authenticate_kiosk(house: House, tenant: TenantId, token: str, proof: ShownProof | None) -> KioskPrincipal:
    """Return the kiosk behind a device token and a DPoP proof; the device is looked up every time.

    Args:
        house: What use cases work with.
        tenant: As the token itself says, not verified yet: it only chooses whose keys are asked.
        token: The device token.
        proof: The proof, or None to learn only whether the token is genuine (a kiosk on somebody else's endpoint).

    Raises:
        UnauthenticatedError: ``invalid_token``, ``invalid_proof``, ``use_dpop_nonce`` with a nonce, or
            ``device_revoked``, the last with the signed revocation if the request was proven.
    """
    now = house.now()
    with house.archive.of(tenant) as records:
        try:
            claims = read_device_token(token, trusted_keys(records, "device"), to_seconds(now))
        except CredentialError:
            raise _invalid_token() from None
        device = records.devices.get(claims.device) if claims.tenant == tenant else None
        if device is None or device.site != claims.site or not token_counts(device, claims.token_id, now):
            raise _invalid_token()
        if proof is not None:
            _check_proof(house, token, proof, device, now)
        if device.revoked_at is not None:
            raise _revoked(device)
        if grace_begins(device, claims.token_id):
            records.devices.end_previous_token(device.id, now + OVERLAP)
        if is_worth_noting(device, now, house.offline_after):
            records.devices.saw(device.id, now)
    return KioskPrincipal(tenant, device)


def _check_proof(house: House, token: str, proof: ShownProof, device: Device, now: datetime) -> None:
    wrong = UnauthenticatedError("invalid_proof", "The request does not prove that it comes from this kiosk.")
    if proof.text is None:
        raise wrong
    try:
        checked = check_proof(
            proof.text, method=proof.method, url=house.address.base_url + proof.path, access_token=token
        )
    except (CredentialError, RecursionError):
        # The JSON parser gives up on a header of a thousand nested brackets with a RecursionError.
        raise wrong from None
    # RFC 9449 §4.3 point 12: the proof's key is the one the token, and here the device itself, is bound to.
    if checked.thumbprint != device.thumbprint:
        raise wrong
    # Points 10 and 11 and §11.1: made for a nonce of ours, and shown once.
    if not house.freshness.is_current(checked.nonce, now):
        raise NonceWantedError(house.freshness.nonce(now))
    if not house.freshness.is_first(checked.thumbprint, checked.proof_id, now):
        raise wrong


def list_devices(house: House, tenant: TenantId, site: SiteId | None = None) -> Sequence[Device]:
    """Return paired kiosks, oldest first; of one site where one is named."""
    with house.archive.of(tenant) as records:
        return records.devices.all(site)


def find_device(house: House, tenant: TenantId, device_id: str) -> Device:
    """Return a kiosk.

    Raises:
        NotFoundError: ``unknown_kiosk``.
    """
    with house.archive.of(tenant) as records:
        device = records.devices.get(DeviceId(device_id)) if is_long_id(device_id) else None
    if device is None:
        raise NotFoundError("unknown_kiosk", "There is no such kiosk.")
    return device


def revoke_device(house: House, tenant: TenantId, device_id: str, actor: Actor) -> Device:
    """Revoke a kiosk: its next request is refused, with the revocation signed here. A second one changes nothing.

    Raises:
        NotFoundError: ``unknown_kiosk``.
    """
    now = house.now()
    device = find_device(house, tenant, device_id)
    if device.revocation is None:
        with house.archive.of(tenant) as records:
            records.devices.revoke(device.id, device.revoked_at or now, _sign_revocation(house, records, device, now))
            records.journal.audit(now, actor.kind, actor.id, "kiosk.revoked", device.id)
    return find_device(house, tenant, device_id)


def rename_device(house: House, tenant: TenantId, device_id: str, name: str, actor: Actor) -> Device:
    """Give a kiosk another name; people know it by that, programs by its identifier.

    Raises:
        BadRequestError: ``text``.
        NotFoundError: ``unknown_kiosk``.
    """
    line, now = clean_line(name, "kiosk's name", LONGEST_NAME), house.now()
    device = find_device(house, tenant, device_id)
    with house.archive.of(tenant) as records:
        records.devices.rename(device.id, line)
        records.journal.audit(now, actor.kind, actor.id, "kiosk.renamed", device.id)
    return find_device(house, tenant, device_id)


def _sign_revocation(house: House, records: Records, device: Device, now: datetime) -> bytes:
    document = RevocationDocument(
        type="revocation",
        tenant_id=records.tenant_id,
        device_id=device.id,
        device_key=base64url_encode(device.public_key),
        issued_at=to_seconds(now),
    )
    kid, key = signing_key(house, records, "bundle", now)
    # A kiosk that was away holds an older root, and believes only a bundle key that it names.
    return encode(sign_revocation(document, kid, key, *older_signers(house, records, "bundle", kid)))


def _revoked(device: Device) -> UnauthenticatedError:
    if device.revocation is None:
        # Revoked before revocations were signed: refused, and nothing that would make it erase.
        return UnauthenticatedError("device_revoked", "This kiosk was revoked.")
    return RevokedError(device.revocation)


def _invalid_token() -> UnauthenticatedError:
    return UnauthenticatedError("invalid_token", "This token does not count here.")
