"""What people ask: sessions, visits, pairing windows, kiosks."""

from datetime import datetime
from types import NoneType
from typing import Any, Final

from starlette.responses import Response

from kiosk_protocol.identifiers import SiteId
from kiosk_protocol.messages import API_ROOT, encode
from kiosk_server.domain.problems import BadRequestError, NotFoundError
from kiosk_server.domain.records import Visit
from kiosk_server.domain.roles import Action, may
from kiosk_server.http.access import PUBLIC, USERS
from kiosk_server.http.bodies import (
    Health,
    KioskBody,
    KioskList,
    LoginQuestion,
    NewVisitBody,
    OpenWindowQuestion,
    RefreshQuestion,
    SessionBody,
    SiteList,
    VisitBody,
    VisitList,
    VisitStoryBody,
    WindowBody,
)
from kiosk_server.http.endpoints import Call, Endpoint, Parameter
from kiosk_server.http.views import (
    kiosk_body,
    session_body,
    site_body,
    story_body,
    visit_body,
    window_body,
)
from kiosk_server.services import accounts, devices, pairing, tenancy, visits
from kiosk_server.services.accounts import UserPrincipal, require, require_password


def health(call: Call, _: None) -> Health | Response:
    """Say whether server and database answer: 200, or 503 where the database does not."""
    if call.house.archive.is_reachable():
        return Health(status="ok", database="ok")
    return Response(encode(Health(status="degraded", database="unreachable")), 503, media_type="application/json")


def login(call: Call, question: LoginQuestion) -> SessionBody:
    """Open a session."""
    return session_body(accounts.login(call.house, question.tenant, question.email, question.password))


def refresh(call: Call, question: RefreshQuestion) -> SessionBody:
    """Trade a refresh token, once, for a new session."""
    return session_body(accounts.refresh(call.house, question.refresh_token))


def logout(call: Call, question: RefreshQuestion) -> None:
    """End every session of the login the refresh token came from."""
    accounts.logout(call.house, question.refresh_token)


def list_sites(call: Call, _: None) -> SiteList:
    """List the sites the user belongs to."""
    with call.house.archive.of(call.user.tenant) as records:
        sites = records.sites.all()
    mine = [site for site in sites if _belongs(call.user, site.id)]
    return SiteList(sites=tuple(site_body(site) for site in mine))


def register_visit(call: Call, body: NewVisitBody) -> VisitBody:
    """Register a visit; the answer holds its code."""
    site = SiteId(body.site_id)
    require(call.user, Action.REGISTER_VISIT, site)
    if body.departure is not None and body.departure <= call.house.now():
        raise BadRequestError("times", "This visit would be over already.")
    new = visits.NewVisit(
        site=site,
        visitor_name=body.visitor_name,
        visitor_email=body.visitor_email,
        visitor_company=body.visitor_company,
        host=body.host,
        room=body.room,
        purpose=body.purpose,
        arrival=body.arrival,
        departure=body.departure,
    )
    issued = visits.register_visit(call.house, call.user.tenant, new, call.user.actor)
    return visit_body(issued.visit, issued.token)


def list_visits(call: Call, _: None) -> VisitList:
    """List visits the user may see, by arrival: of a site, or of all of the user's sites."""
    since = _read_moment(call.query.get("since"))
    site = call.query.get("siteId")
    sees_all = accounts.sites_for(call.house, call.user, Action.SEE_VISITS)
    sees_own = accounts.sites_for(call.house, call.user, Action.REGISTER_VISIT)
    wanted = [known for known in {*sees_all, *sees_own} if site in {None, known}]
    if not wanted:
        require(call.user, Action.SEE_VISITS, SiteId(site or ""))
    all_of = [known for known in wanted if known in sees_all]
    own_of = [known for known in wanted if known not in sees_all]
    found = [
        *visits.list_visits(call.house, call.user.tenant, all_of, since),
        *visits.list_visits(call.house, call.user.tenant, own_of, since, call.user.user.id),
    ]
    in_order = sorted(found, key=lambda visit: (visit.arrival, visit.id))
    return VisitList(visits=tuple(visit_body(visit) for visit in in_order))


def show_visit(call: Call, _: None) -> VisitStoryBody:
    """Show a visit, its code and what happened at the doors."""
    story = visits.visit_story(call.house, call.user.tenant, call.path["visit"])
    _require_sight(call.user, story.visit)
    return story_body(story, visits.code_of(call.house, call.user.tenant, story.visit.id))


def cancel_visit(call: Call, _: None) -> VisitBody:
    """Cancel a visit nobody has arrived for."""
    story = visits.visit_story(call.house, call.user.tenant, call.path["visit"])
    _require_sight(call.user, story.visit)
    if not _is_own(call.user, story.visit):
        require(call.user, Action.CHANGE_ANY_VISIT, story.visit.site)
    return visit_body(visits.cancel_visit(call.house, call.user.tenant, story.visit.id, call.user.actor))


def open_pairing_window(call: Call, question: OpenWindowQuestion) -> WindowBody:
    """Open a pairing window for a site; the user's password is asked again."""
    site = SiteId(call.path["site"])
    require(call.user, Action.OPEN_PAIRING, site)
    require_password(call.house, call.user, question.password)
    opened = pairing.open_window(call.house, call.user.tenant, site, call.user.actor, named=question.named)
    return window_body(opened)


def list_kiosks(call: Call, _: None) -> KioskList:
    """List the kiosks of a site."""
    site = SiteId(call.path["site"])
    require(call.user, Action.SEE_KIOSKS, site)
    with call.house.archive.of(call.user.tenant) as records:
        tenancy.require_site(records, site)
    found = devices.list_devices(call.house, call.user.tenant, site)
    return KioskList(kiosks=tuple(kiosk_body(device, call.house) for device in found))


def revoke_kiosk(call: Call, _: None) -> KioskBody:
    """Revoke a kiosk: its next request is refused."""
    device = devices.find_device(call.house, call.user.tenant, call.path["kiosk"])
    if not may(call.user.user.role, call.user.user.site_ids, Action.SEE_KIOSKS, device.site):
        raise NotFoundError("unknown_kiosk", "There is no such kiosk.")
    require(call.user, Action.REVOKE_KIOSK, device.site)
    revoked = devices.revoke_device(call.house, call.user.tenant, device.id, call.user.actor)
    return kiosk_body(revoked, call.house)


def _belongs(principal: UserPrincipal, site: SiteId) -> bool:
    return any(may(principal.user.role, principal.user.site_ids, action, site) for action in Action)


def _is_own(principal: UserPrincipal, visit: Visit) -> bool:
    return principal.user.id in {visit.host_id, visit.created_by} and may(
        principal.user.role, principal.user.site_ids, Action.REGISTER_VISIT, visit.site
    )


def _require_sight(principal: UserPrincipal, visit: Visit) -> None:
    sees_all = may(principal.user.role, principal.user.site_ids, Action.SEE_VISITS, visit.site)
    if not (sees_all or _is_own(principal, visit)):
        # A visit one may not see looks like one that does not exist.
        raise NotFoundError("unknown_visit", "There is no such visit.")


def _read_moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 1970 < moment.year < 9999:
        raise BadRequestError("since", "A time is written like 2026-03-01T09:00:00Z.")
    return moment


_VISITS_QUERY: Final = (
    Parameter("siteId", {"type": "string"}, "One site only."),
    Parameter("since", {"type": "string", "format": "date-time"}, "Visits that end after this; a day ago if absent."),
)

USER_ENDPOINTS: Final[tuple[Endpoint[Any], ...]] = (
    Endpoint("GET", "/health", PUBLIC, NoneType, Health, health),
    Endpoint("POST", f"{API_ROOT}/auth/login", PUBLIC, LoginQuestion, SessionBody, login),
    Endpoint("POST", f"{API_ROOT}/auth/refresh", PUBLIC, RefreshQuestion, SessionBody, refresh),
    Endpoint("POST", f"{API_ROOT}/auth/logout", PUBLIC, RefreshQuestion, NoneType, logout),
    Endpoint("GET", f"{API_ROOT}/sites", USERS, NoneType, SiteList, list_sites),
    Endpoint("POST", f"{API_ROOT}/visits", USERS, NewVisitBody, VisitBody, register_visit, status=201),
    Endpoint("GET", f"{API_ROOT}/visits", USERS, NoneType, VisitList, list_visits, query=_VISITS_QUERY),
    Endpoint("GET", f"{API_ROOT}/visits/{{visit}}", USERS, NoneType, VisitStoryBody, show_visit),
    Endpoint("POST", f"{API_ROOT}/visits/{{visit}}/cancel", USERS, NoneType, VisitBody, cancel_visit),
    Endpoint(
        "POST",
        f"{API_ROOT}/sites/{{site}}/pairing-windows",
        USERS,
        OpenWindowQuestion,
        WindowBody,
        open_pairing_window,
        status=201,
    ),
    Endpoint("GET", f"{API_ROOT}/sites/{{site}}/kiosks", USERS, NoneType, KioskList, list_kiosks),
    Endpoint("POST", f"{API_ROOT}/kiosks/{{kiosk}}/revoke", USERS, NoneType, KioskBody, revoke_kiosk),
)
