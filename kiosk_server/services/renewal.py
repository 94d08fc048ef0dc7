"""A new device token for a kiosk whose own is past half of its life: same device, same key, one more year."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from kiosk_protocol.device_tokens import VALIDITY_S, DeviceClaims, issue_device_token
from kiosk_protocol.identifiers import TenantId
from kiosk_protocol.messages import RenewedToken
from kiosk_server.domain.problems import NotFoundError, WrongStateError
from kiosk_server.domain.records import Device
from kiosk_server.domain.times import to_seconds, whole_second
from kiosk_server.services.devices import KioskPrincipal
from kiosk_server.services.house import House
from kiosk_server.services.keys import signing_key
from kiosk_server.services.ports import Records

HALF_LIFE: Final = timedelta(seconds=VALIDITY_S // 2)


def renew_token(house: House, kiosk: KioskPrincipal) -> RenewedToken:
    """Return the kiosk's next token; asked again before that one was used, the same one, byte for byte.

    So a lost answer costs nothing, and two requests at once cannot leave the kiosk with a token that another replaced.

    Raises:
        WrongStateError: ``too_early``: the token has not reached half of its life.
    """
    now = house.now()
    with house.archive.of(kiosk.tenant) as records:
        device = records.devices.lock(kiosk.device.id)
        if device is None:
            raise NotFoundError("unknown_kiosk", "There is no such kiosk.")
        if device.previous_token_id is not None and device.previous_token_until is None:
            return _issue(house, records, kiosk.tenant, device)
        if device.token_expires_at - now > HALF_LIFE:
            raise WrongStateError("too_early", "This token has not reached half of its life.")
        expires = whole_second(now) + timedelta(seconds=VALIDITY_S)
        renewed = replace(device, token_id=house.long_id(), token_expires_at=expires)
        records.devices.renew_token(device.id, renewed.token_id, expires)
        records.journal.audit(now, "kiosk", device.id, "kiosk.token_renewed", device.id)
        return _issue(house, records, kiosk.tenant, renewed)


def _issue(house: House, records: Records, tenant: TenantId, device: Device) -> RenewedToken:
    expires = to_seconds(device.token_expires_at)
    claims = DeviceClaims(
        device=device.id,
        tenant=tenant,
        site=device.site,
        token_id=device.token_id,
        issued_at=expires - VALIDITY_S,
        expires=expires,
        key_thumbprint=device.thumbprint,
    )
    return RenewedToken(device_token=issue_device_token(claims, *signing_key(house, records, "device", house.now())))
