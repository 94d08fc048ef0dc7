"""Which tenant a command is about."""

from argparse import Namespace

from kiosk_protocol.identifiers import TenantId
from kiosk_server.domain.problems import BadRequestError
from kiosk_server.services import tenancy
from kiosk_server.services.house import House


def chosen_tenant(house: House, arguments: Namespace) -> TenantId:
    """Return the tenant named, or the only one.

    Raises:
        NotFoundError: ``unknown_tenant``.
        BadRequestError: ``tenant``, where none is named and there is more or less than one.
    """
    if arguments.tenant is not None:
        return tenancy.find_tenant(house, arguments.tenant)
    known = house.archive.tenant_ids()
    if len(known) != 1:
        raise BadRequestError("tenant", f"There are {len(known)} tenants; say which with --tenant SLUG.")
    return known[0]
