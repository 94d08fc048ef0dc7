"""What a page is: a method, an address, who may have it, and what makes it. ``roles`` has no default."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from starlette.responses import Response

from kiosk_protocol.identifiers import SiteId
from kiosk_server.domain.problems import NotFoundError, UnauthenticatedError
from kiosk_server.domain.records import Site
from kiosk_server.domain.roles import Action, Role, may
from kiosk_server.services.accounts import UserPrincipal
from kiosk_server.services.house import House

Audience: TypeAlias = frozenset[Role] | Literal["everybody"]

STAFF: Final = frozenset(Role)
VISIT_READERS: Final = frozenset({Role.TENANT_ADMIN, Role.SITE_ADMIN, Role.MEMBER, Role.VIEWER})
VISIT_WRITERS: Final = frozenset({Role.TENANT_ADMIN, Role.SITE_ADMIN, Role.MEMBER})
RECEPTION: Final = frozenset({Role.TENANT_ADMIN, Role.SITE_ADMIN})
KIOSK_READERS: Final = frozenset({Role.TENANT_ADMIN, Role.SITE_ADMIN, Role.INSTALLER, Role.VIEWER})
KIOSK_KEEPERS: Final = frozenset({Role.TENANT_ADMIN, Role.SITE_ADMIN, Role.INSTALLER})


@dataclass(frozen=True, slots=True)
class Ask:
    """One request as pages see it: admitted, its form checked.

    Attributes:
        user: Who asks; None on pages for everybody.
        token: What forms on the page must carry.
        cookies: As the browser sent them.
    """

    house: House
    user: UserPrincipal | None
    token: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    cookies: Mapping[str, str]

    @property
    def who(self) -> UserPrincipal:
        """The user who asks; for pages that are not for everybody."""
        if self.user is None:
            raise UnauthenticatedError("no_session", "Please sign in.")
        return self.user

    def field(self, name: str) -> str:
        """Return a field of the form, trimmed; empty where it is missing."""
        return self.form.get(name, "").strip()

    def may(self, action: Action, site: SiteId) -> bool:
        """Whether the user may do ``action`` at ``site``."""
        return may(self.who.user.role, self.who.user.site_ids, action, site)

    def sites(self, *actions: Action) -> list[Site]:
        """Return the sites where the user may do one of ``actions``, oldest first."""
        with self.house.archive.of(self.who.tenant) as records:
            known = records.sites.all()
        return [site for site in known if any(self.may(action, site.id) for action in actions)]

    def site(self, site_id: str, action: Action) -> Site:
        """Return the site if the user may do ``action`` there; any other looks like one that does not exist.

        Raises:
            NotFoundError: ``unknown_site``.
        """
        found = next((site for site in self.sites(action) if site.id == site_id), None)
        if found is None:
            raise NotFoundError("unknown_site", "There is no such site.")
        return found


@dataclass(frozen=True, slots=True)
class Page:
    """One method of one address."""

    method: Literal["GET", "POST"]
    path: str
    roles: Audience
    run: Callable[[Ask], Response]
