"""What a visit token states: identifiers and two times, no name, no email."""

from dataclasses import dataclass
from typing import Any

from kiosk_protocol.identifiers import SiteId, VisitId, VisitorId

MAX_REVISION = 99
MAX_VALIDITY_S = 25 * 3600
"""A visit lasts at most 24 h, and a site may let its visitors in up to 60 min before."""


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
