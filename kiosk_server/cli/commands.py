"""The operator's commands, each on one use case. They open the database directly; no server need run."""

import os
import secrets
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from kiosk_protocol.identifiers import SiteId
from kiosk_protocol.messages import Message
from kiosk_protocol.transport import to_compact
from kiosk_server.cli.choosing import chosen_tenant
from kiosk_server.cli.handover_commands import kiosk_handover
from kiosk_server.cli.key_commands import KEY_COMMANDS
from kiosk_server.cli.printing import as_members, show, table
from kiosk_server.domain.problems import BadRequestError
from kiosk_server.domain.roles import Role
from kiosk_server.domain.times import rfc3339
from kiosk_server.http.bodies import KioskBody
from kiosk_server.http.views import kiosk_body, site_body, story_body, user_body, visit_body, window_body
from kiosk_server.qr import code_png, code_svg
from kiosk_server.services import accounts, devices, pairing, tenancy, visits
from kiosk_server.services.house import OPERATOR, House

Command = Callable[[House, Namespace], None]
_PASSWORD_BYTES: Final = 12


def tenant_create(house: House, arguments: Namespace) -> None:
    """Make a tenant with its keys."""
    tenant = tenancy.create_tenant(house, arguments.slug, arguments.name, OPERATOR)
    members = {"tenantId": tenant.id, "slug": tenant.slug, "name": tenant.name}
    show(members, [f"Tenant {tenant.slug} made, {tenant.id}"], as_json=arguments.json)


def tenant_list(house: House, arguments: Namespace) -> None:
    """List tenants."""
    tenants = tenancy.list_tenants(house)
    rows = [{"tenantId": tenant.id, "slug": tenant.slug, "name": tenant.name} for tenant in tenants]
    show({"tenants": rows}, table([list(row.values()) for row in rows]), as_json=arguments.json)


def site_create(house: House, arguments: Namespace) -> None:
    """Make a site."""
    age = arguments.feed_age_minutes
    new = tenancy.NewSite(
        name=arguments.name,
        time_zone=arguments.time_zone,
        languages=tuple(arguments.language or ("en",)),
        brand_colour=arguments.brand_colour,
        unknown_visit=arguments.unknown_visit,
        early_allowance=_minutes(arguments.early_minutes),
        greatest_feed_age=None if age is None else _minutes(age),
    )
    site = tenancy.create_site(house, chosen_tenant(house, arguments), new, OPERATOR)
    members = {"siteId": site.id, **as_members(site_body(site))}
    show(members, [f"Site {site.name} made, {site.id}"], as_json=arguments.json)


def site_list(house: House, arguments: Namespace) -> None:
    """List sites."""
    with house.archive.of(chosen_tenant(house, arguments)) as records:
        sites = records.sites.all()
    rows = [[site.id, site.name, site.time_zone] for site in sites]
    show(_listed("sites", [site_body(site) for site in sites]), table(rows), as_json=arguments.json)


def site_renew_epoch(house: House, arguments: Namespace) -> None:
    """Make the site's kiosks fetch everything anew."""
    tenancy.renew_epoch(house, chosen_tenant(house, arguments), SiteId(arguments.site), OPERATOR)
    show({"siteId": arguments.site}, ["The site's kiosks will fetch everything anew."], as_json=arguments.json)


def user_create(house: House, arguments: Namespace) -> None:
    """Make a user."""
    made_up = None if arguments.password_stdin else secrets.token_urlsafe(_PASSWORD_BYTES)
    password = made_up if made_up is not None else sys.stdin.readline().rstrip("\r\n")
    sites = frozenset(SiteId(site) for site in arguments.site)
    new = accounts.NewUser(arguments.email, arguments.name, Role(arguments.role), password, sites)
    user = accounts.create_user(house, chosen_tenant(house, arguments), new, OPERATOR)
    members = {"userId": user.id, **as_members(user_body(user))}
    lines = [f"User {user.email} made, {user.id}"]
    if made_up is not None:
        members["password"] = made_up
        lines.append(f"Password, shown only now: {made_up}")
    show(members, lines, as_json=arguments.json)


def user_list(house: House, arguments: Namespace) -> None:
    """List users."""
    users = accounts.list_users(house, chosen_tenant(house, arguments))
    rows = [[user.id, user.email, user.role.value] for user in users]
    show(_listed("users", [user_body(user) for user in users]), table(rows), as_json=arguments.json)


def visit_create(house: House, arguments: Namespace) -> None:
    """Register a visit and print its code. Unlike the API, the operator may record one that is over."""
    new = visits.NewVisit(
        site=SiteId(arguments.site),
        visitor_name=arguments.visitor_name,
        visitor_email=arguments.visitor_email,
        visitor_company=arguments.visitor_company,
        host=arguments.host,
        room=arguments.room,
        purpose=arguments.purpose,
        arrival=arguments.arrival,
        departure=arguments.departure,
    )
    _check_pictures(arguments)
    issued = visits.register_visit(house, chosen_tenant(house, arguments), new, OPERATOR)
    members = {"visitId": issued.visit.id, **as_members(visit_body(issued.visit, issued.token))}
    lines = [
        f"Visit {issued.visit.id} from {rfc3339(issued.visit.arrival)} to {rfc3339(issued.visit.departure)}",
        to_compact(issued.token),
    ]
    # Told before anything can go wrong with a picture: the visit exists, and asking again would make a second one.
    show(members, lines, as_json=arguments.json)
    _write_pictures(arguments, issued.token)


def visit_list(house: House, arguments: Namespace) -> None:
    """List visits."""
    tenant = chosen_tenant(house, arguments)
    with house.archive.of(tenant) as records:
        sites = [site.id for site in records.sites.all() if arguments.site in {None, site.id}]
    found = visits.list_visits(house, tenant, sites, arguments.since)
    rows = [[visit.id, visit.state.value, rfc3339(visit.arrival) or "", visit.visitor.name] for visit in found]
    show(_listed("visits", [visit_body(visit) for visit in found]), table(rows), as_json=arguments.json)


def visit_show(house: House, arguments: Namespace) -> None:
    """Show a visit, its code and its check-ins."""
    tenant = chosen_tenant(house, arguments)
    story = visits.visit_story(house, tenant, arguments.visit)
    token = visits.code_of(house, tenant, story.visit.id)
    _write_pictures(arguments, token)
    body = story_body(story, token)
    lines = [f"{story.visit.state.value}  {story.visit.visitor.name}  {rfc3339(story.visit.arrival)}"]
    lines += [
        f"  {item.decided_at}  kiosk {item.kiosk_id}  {item.outcome}  {' '.join(item.flags)}".rstrip()
        for item in body.check_ins
    ]
    show(as_members(body), lines, as_json=arguments.json)


def visit_cancel(house: House, arguments: Namespace) -> None:
    """Cancel a visit nobody has arrived for."""
    visit = visits.cancel_visit(house, chosen_tenant(house, arguments), arguments.visit, OPERATOR)
    show(as_members(visit_body(visit)), [f"Visit {visit.id} is cancelled."], as_json=arguments.json)


def kiosk_window(house: House, arguments: Namespace) -> None:
    """Open a pairing window and print its six digits."""
    tenant = chosen_tenant(house, arguments)
    window = pairing.open_window(house, tenant, SiteId(arguments.site), OPERATOR, named=arguments.named)
    lines = [
        f"Digits           {window.code}",
        f"Pairing address  {window.setup_code.address}",
        f"Set-up code      {window.setup_code}",
        f"Open until       {rfc3339(window.expires_at)}",
    ]
    show(as_members(window_body(window)), lines, as_json=arguments.json)


def kiosk_list(house: House, arguments: Namespace) -> None:
    """List kiosks."""
    site = None if arguments.site is None else SiteId(arguments.site)
    found = devices.list_devices(house, chosen_tenant(house, arguments), site)
    bodies = [kiosk_body(device, house) for device in found]
    show(_listed("kiosks", bodies), table([_kiosk_row(body) for body in bodies]), as_json=arguments.json)


def kiosk_revoke(house: House, arguments: Namespace) -> None:
    """Revoke a kiosk."""
    device = devices.revoke_device(house, chosen_tenant(house, arguments), arguments.kiosk, OPERATOR)
    show(as_members(kiosk_body(device, house)), [f"Kiosk {device.name} is revoked."], as_json=arguments.json)


COMMANDS: Final[Mapping[str, Command]] = {
    "tenant create": tenant_create,
    "tenant list": tenant_list,
    "site create": site_create,
    "site list": site_list,
    "site renew-epoch": site_renew_epoch,
    "user create": user_create,
    "user list": user_list,
    "visit create": visit_create,
    "visit list": visit_list,
    "visit show": visit_show,
    "visit cancel": visit_cancel,
    "kiosk window": kiosk_window,
    "kiosk list": kiosk_list,
    "kiosk revoke": kiosk_revoke,
    "kiosk handover": kiosk_handover,
    **KEY_COMMANDS,
}


def _minutes(number: int) -> timedelta:
    try:
        return timedelta(minutes=number)
    except OverflowError:
        raise BadRequestError("minutes", "So many minutes no clock can count.") from None


def _listed(name: str, bodies: Sequence[Message]) -> dict[str, object]:
    return {name: [as_members(body) for body in bodies]}


def _kiosk_row(kiosk: KioskBody) -> list[str]:
    standing = "paired" if kiosk.offline_since is None else f"offline since {kiosk.offline_since}"
    row = [kiosk.id, kiosk.site_id, kiosk.name, standing if kiosk.revoked_at is None else "revoked"]
    said = kiosk.health
    if said is None:
        return [*row, "", "", "", ""]
    return [*row, said.app_version, f"{said.waiting} waiting", f"clock {said.clock}", f"camera {said.camera}"]


def _check_pictures(arguments: Namespace) -> None:
    """Refuse picture files that cannot be written, before anything is made for them."""
    for path in (arguments.qr_png, arguments.qr_svg):
        if path is not None and (path.is_dir() or not os.access(path.parent, os.W_OK | os.X_OK)):
            raise BadRequestError("picture", f"{path} cannot be written; name a file in a folder that exists.")


def _write_pictures(arguments: Namespace, token: str) -> None:
    pictures: tuple[tuple[Path | None, Callable[[str], bytes]], ...] = (
        (arguments.qr_png, code_png),
        (arguments.qr_svg, code_svg),
    )
    for path, picture in pictures:
        if path is not None:
            path.write_bytes(picture(token))
