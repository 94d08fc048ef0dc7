"""What must happen without anybody asking: visits expire, ended sessions and old handovers are forgotten."""

import logging
from datetime import timedelta
from typing import Final

from kiosk_protocol.identifiers import TenantId
from kiosk_server.services.failures import StoreError
from kiosk_server.services.handover import QUARANTINE_KEPT
from kiosk_server.services.house import House
from kiosk_server.services.visits import expire_visits

log = logging.getLogger(__name__)

SESSIONS_KEPT: Final = timedelta(days=1)
"""After their end: a refresh token that is used again shortly after must still be recognised as a reuse."""


def keep_house(house: House) -> None:
    """Do what is due for every tenant. A database that is away is tried again next time."""
    try:
        for tenant in house.archive.tenant_ids():
            _keep(house, tenant)
    except StoreError as error:
        log.warning("%s housekeeping put off: %s", error.code, error.detail)


def _keep(house: House, tenant: TenantId) -> None:
    expired = expire_visits(house, tenant)
    if expired:
        log.info("%d visits expired", expired)
    with house.archive.of(tenant) as records:
        records.users.forget_sessions(house.now() - SESSIONS_KEPT)
        records.web_sessions.forget(house.now())
        records.quarantine.forget(house.now() - QUARANTINE_KEPT)
