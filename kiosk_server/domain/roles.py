"""Who may do what: roles, actions, and the table between them. Sites narrow everything but the tenant's admin."""

from collections.abc import Mapping, Set
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kiosk_protocol.identifiers import SiteId


class TokenType(StrEnum):
    """Who authenticated how. Each endpoint names those it takes; a type never stands in for another."""

    USER = "user"
    KIOSK = "kiosk"
    AGENT = "agent"


class Role(StrEnum):
    """What a user is in a tenant."""

    TENANT_ADMIN = "tenant_admin"
    SITE_ADMIN = "site_admin"
    INSTALLER = "installer"
    MEMBER = "member"
    VIEWER = "viewer"


class Action(StrEnum):
    """What somebody wants to do at a site."""

    OPEN_PAIRING = "open_pairing"
    SEE_KIOSKS = "see_kiosks"
    REVOKE_KIOSK = "revoke_kiosk"
    REGISTER_VISIT = "register_visit"
    SEE_VISITS = "see_visits"
    CHANGE_ANY_VISIT = "change_any_visit"
    """Also visits that somebody else hosts or registered."""


_EVERYTHING: Final = frozenset(Action)
_RIGHTS: Final[Mapping[Role, Set[Action]]] = MappingProxyType(
    {
        Role.TENANT_ADMIN: _EVERYTHING,
        Role.SITE_ADMIN: _EVERYTHING,
        # HA3: may pair and mind kiosks, nothing else; who visits is none of an installer's business.
        Role.INSTALLER: frozenset({Action.OPEN_PAIRING, Action.SEE_KIOSKS, Action.REVOKE_KIOSK}),
        Role.MEMBER: frozenset({Action.REGISTER_VISIT}),
        Role.VIEWER: frozenset({Action.SEE_VISITS, Action.SEE_KIOSKS}),
    }
)


def may(role: Role, site_ids: Set[SiteId], action: Action, site: SiteId) -> bool:
    """Whether a user of ``role``, assigned to ``site_ids``, may do ``action`` at ``site``."""
    if action not in _RIGHTS[role]:
        return False
    return role is Role.TENANT_ADMIN or site in site_ids
