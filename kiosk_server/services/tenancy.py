"""Tenants and sites: made by the operator, read by everybody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kiosk_protocol.identifiers import SiteId, TenantId, is_site_id
from kiosk_protocol.messages import SiteConfiguration
from kiosk_protocol.pairing import is_slug
from kiosk_server.domain.problems import BadRequestError, NotFoundError, WrongStateError
from kiosk_server.domain.records import Site, Tenant, UnknownVisitPolicy
from kiosk_server.domain.texts import check_colour, check_languages, check_slug, clean_line, time_zone
from kiosk_server.services.house import Actor, House
from kiosk_server.services.keys import make_keys
from kiosk_server.services.ports import Records
from kiosk_server.services.trust import sign_first_documents

LONGEST_EARLY_ALLOWANCE: Final = timedelta(minutes=60)
SHORTEST_FEED_AGE: Final = timedelta(minutes=1)
LONGEST_FEED_AGE: Final = timedelta(days=366)
BRAND_COLOUR: Final = "#1f6f5c"


@dataclass(frozen=True, slots=True)
class NewSite:
    """What a site is made from."""

    name: str
    time_zone: str
    languages: tuple[str, ...] = ("en",)
    brand_colour: str = BRAND_COLOUR
    unknown_visit: UnknownVisitPolicy = "ask"
    early_allowance: timedelta = timedelta(minutes=15)
    greatest_feed_age: timedelta | None = None


def create_tenant(house: House, slug: str, name: str, actor: Actor) -> Tenant:
    """Make a tenant with its keys and trust documents.

    Raises:
        BadRequestError: slug or name cannot be used.
        WrongStateError: ``slug_taken``.
    """
    now = house.now()
    tenant = Tenant(TenantId(house.long_id()), check_slug(slug), clean_line(name, "name"))
    if not house.archive.add_tenant(tenant, now):
        raise WrongStateError("slug_taken", "Another tenant has this slug.")
    with house.archive.of(tenant.id) as records:
        make_keys(house, records, now)
        sign_first_documents(house, records, now)
        records.journal.audit(now, actor.kind, actor.id, "tenant.created", tenant.id)
    return tenant


def find_tenant(house: House, slug: str) -> TenantId:
    """Return the tenant called ``slug``.

    Raises:
        NotFoundError: ``unknown_tenant``.
    """
    tenant = house.archive.tenant_of_slug(slug) if is_slug(slug) else None
    if tenant is None:
        raise NotFoundError("unknown_tenant", "There is no tenant of this name.")
    return tenant


def list_tenants(house: House) -> Sequence[Tenant]:
    """Return every tenant, oldest first."""
    tenants = []
    for tenant_id in house.archive.tenant_ids():
        with house.archive.of(tenant_id) as records:
            tenants.append(records.sites.tenant())
    return tenants


def create_site(house: House, tenant: TenantId, new: NewSite, actor: Actor) -> Site:
    """Make a site.

    Raises:
        BadRequestError: one of its settings cannot be used.
    """
    if not timedelta(0) <= new.early_allowance <= LONGEST_EARLY_ALLOWANCE:
        raise BadRequestError("early_allowance", "Visitors may be let in 0 to 60 minutes early.")
    age = new.greatest_feed_age
    if age is not None and not SHORTEST_FEED_AGE <= age <= LONGEST_FEED_AGE:
        raise BadRequestError("feed_age", "The greatest feed age is one minute to one year.")
    time_zone(new.time_zone)
    site = Site(
        id=SiteId(house.short_id()),
        name=clean_line(new.name, "name"),
        time_zone=new.time_zone,
        languages=check_languages(new.languages),
        brand_colour=check_colour(new.brand_colour),
        unknown_visit=new.unknown_visit,
        early_allowance=new.early_allowance,
        greatest_feed_age=age,
        feed_epoch=house.long_id(),
    )
    now = house.now()
    with house.archive.of(tenant) as records:
        records.sites.add(site, now)
        records.journal.audit(now, actor.kind, actor.id, "site.created", site.id)
    return site


def renew_epoch(house: House, tenant: TenantId, site: SiteId, actor: Actor) -> None:
    """Make every kiosk of a site fetch its feed anew, as after a restored backup.

    Raises:
        NotFoundError: ``unknown_site``.
    """
    now = house.now()
    with house.archive.of(tenant) as records:
        require_site(records, site)
        records.sites.renew_epoch(site, house.long_id())
        records.journal.audit(now, actor.kind, actor.id, "site.epoch_renewed", site)


def require_site(records: Records, site: str) -> Site:
    """Return the site called ``site``.

    Raises:
        NotFoundError: ``unknown_site``.
    """
    found = records.sites.get(SiteId(site)) if is_site_id(site) else None
    if found is None:
        raise NotFoundError("unknown_site", "There is no such site.")
    return found


def configuration_of(tenant: Tenant, site: Site) -> SiteConfiguration:
    """Return what a kiosk must know of its site."""
    age = site.greatest_feed_age
    return SiteConfiguration(
        tenant_id=tenant.id,
        tenant_name=tenant.name,
        site_id=site.id,
        site_name=site.name,
        time_zone=site.time_zone,
        languages=site.languages,
        brand_colour=site.brand_colour,
        unknown_visit=site.unknown_visit,
        greatest_feed_age_s=None if age is None else age // timedelta(seconds=1),
    )
