"""One text judged by keys, site and moment alone, as ``verify`` and ``scan`` answer it. Pure but for the encoding."""

from dataclasses import dataclass
from typing import Any

from kiosk_app.cli.key_file import Believed
from kiosk_app.core.admission import (
    AskServer,
    CheckIn,
    ClaimFact,
    Facts,
    LocalFacts,
    Reception,
    Refusal,
    VisitKnowledge,
    decide,
)
from kiosk_app.core.clock_guard import ClockStanding
from kiosk_app.core.errors import SettingsError
from kiosk_app.settings import read_moment_ms
from kiosk_app.system_clock import SystemClock
from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.identifiers import SiteId, is_site_id
from kiosk_protocol.reasons import Reason
from kiosk_protocol.tokens import TokenRefusal, verify_shown_code


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the answer line says. ``verdict`` is admit, refuse or ask; ``claims`` once the signature was found good."""

    verdict: str
    reason: str | None
    claims: VisitClaims | None

    def members(self) -> dict[str, Any]:
        """Return the answer's members."""
        claims = None if self.claims is None else self.claims.to_members()
        return {"verdict": self.verdict, "reason": self.reason, "claims": claims}


@dataclass(frozen=True, slots=True)
class Bench:
    """A door on paper: nobody was here before, no visit was cancelled, and the clock is right."""

    believed: Believed
    site: SiteId
    now_s: int

    def judge(self, text: str) -> Judgement:
        """Return the judgement on a shown text."""
        code = verify_shown_code(text, self.believed.keys(self.now_s), self.site)
        claims = code.claims
        known = None if isinstance(code, TokenRefusal) else VisitKnowledge("expected", code.claims.revision)
        facts = Facts(
            code=code,
            trust=self.believed.standing(self.now_s),
            clock=ClockStanding.SURE,
            scanned_at_s=self.now_s,
            floor_s=0,
            local=LocalFacts(used=False, visit=known, feed_is_stale=False),
            unknown_visit="admit",
            claim=ClaimFact.SILENT,
        )
        match decide(facts):
            case CheckIn():
                return Judgement("admit", None, claims)
            case Refusal(reason):
                return Judgement("refuse", reason.value, claims)
            case Reception(reason):
                return Judgement("ask", reason.value, claims)
            case AskServer():
                # Never with a silent server; if it were, paper would not know either.
                return Judgement("ask", Reason.UNKNOWN_VISIT.value, claims)


def read_site(text: str) -> SiteId:
    """Return ``text`` as a site's id. Raises SettingsError."""
    if not is_site_id(text):
        raise SettingsError(f"A site's id has 11 characters of A-Z, a-z, 0-9, - and _; {text!r} is none.")
    return SiteId(text)


def read_at_s(text: str | None) -> int:
    """Return the moment in ``text`` in seconds since 1970, or now. Raises SettingsError."""
    # RFC 3339 §5.6: its letters may be lower-case, which Python's reader does not know.
    ms = SystemClock().read().wall_ms if text is None else read_moment_ms(text.upper())
    return ms // 1000
