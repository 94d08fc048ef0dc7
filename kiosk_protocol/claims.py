"""What a visit token states: identifiers and two times, no name, no email."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from kiosk_protocol.identifiers import SiteId, VisitId, VisitorId, is_long_id, is_site_id

MAX_REVISION = 99
MAX_VALIDITY_S = 25 * 3600
"""A visit lasts at most 24 h, and a site may let its visitors in up to 60 min before."""
MAX_TIME_S: Final = 253_402_300_799
"""Last second of the year 9999; later ones no calendar here can show."""
_REQUIRED: Final = frozenset({"jti", "sub", "aud", "nbf", "exp"})
_RE_ISSUED: Final = _REQUIRED | {"rev"}


@dataclass(frozen=True, slots=True)
class VisitClaims:
    """The claims of one visit token.

    Attributes:
        visit: ``jti``, the replay key.
        visitor: ``sub``.
        site: ``aud``.
        not_before: ``nbf``, seconds since 1970: expected arrival less the site's early allowance.
        expires: ``exp``, seconds since 1970: expected departure. Not valid at this second any more.
        revision: ``rev``, 1 to 99 on a re-issued code, else 0.
    """

    visit: VisitId
    visitor: VisitorId
    site: SiteId
    not_before: int
    expires: int
    revision: int = 0

    def to_members(self) -> dict[str, Any]:
        """Return the claims as members of the payload, ``rev`` only where there is one."""
        members: dict[str, Any] = {
            "jti": self.visit,
            "sub": self.visitor,
            "aud": self.site,
            "nbf": self.not_before,
            "exp": self.expires,
        }
        return members | {"rev": self.revision} if self.revision else members

    @classmethod
    def from_members(cls, members: Mapping[str, Any]) -> Self | None:
        """Return the claims in a payload, or None where one is missing, foreign, of another type or out of range."""
        if members.keys() not in (_REQUIRED, _RE_ISSUED):
            return None
        visit, visitor, site = members["jti"], members["sub"], members["aud"]
        # RFC 8725 §3.9: one audience, as text; a list of them would open several doors with one code.
        if not (isinstance(visit, str) and isinstance(visitor, str) and isinstance(site, str)):
            return None
        if not (is_long_id(visit) and is_long_id(visitor) and is_site_id(site)):
            return None
        # Integers by their very type: in Python a boolean is an int, in a token it is none. A code that was never
        # re-issued has no rev at all; rev 0 would be a second spelling of that.
        revision = members.get("rev", 1)
        if not (type(revision) is int and 1 <= revision <= MAX_REVISION):
            return None
        not_before, expires = members["nbf"], members["exp"]
        if not (type(not_before) is int and type(expires) is int and not_before >= 0 and expires <= MAX_TIME_S):
            return None
        if not 0 < expires - not_before <= MAX_VALIDITY_S:
            return None
        return cls(VisitId(visit), VisitorId(visitor), SiteId(site), not_before, expires, members.get("rev", 0))
