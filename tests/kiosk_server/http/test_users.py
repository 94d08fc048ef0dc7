"""Sessions, roles and what people may do."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from kiosk_protocol.messages import API_ROOT
from kiosk_server.domain.problems import BadRequestError, NotFoundError, WrongStateError
from kiosk_server.domain.roles import Role
from kiosk_server.services import accounts
from kiosk_server.services.house import OPERATOR
from tests.kiosk_server.support import PASSWORD, HandKiosk, World


def post(world: World, path: str, body: object = None, headers: dict[str, str] | None = None) -> httpx.Response:
    return world.client.post(f"{API_ROOT}{path}", json=body, headers=headers)


def get(world: World, path: str, role: Role) -> httpx.Response:
    return world.client.get(f"{API_ROOT}{path}", headers=world.headers(role))


def test_login_gives_a_session_of_fifteen_minutes(world: World) -> None:
    """Access token, refresh token, and who one is."""
    session = world.login(Role.SITE_ADMIN)
    assert session["expiresIn"] == 900
    assert session["user"]["role"] == "site_admin"
    assert session["user"]["siteIds"] == [world.site.id]


@pytest.mark.parametrize("wrong", ["tenant", "email", "password"])
def test_login_never_says_what_was_wrong(world: World, wrong: str) -> None:
    """Unknown tenant, unknown address and wrong password are one answer."""
    world.user(Role.MEMBER)
    body = {"tenant": world.tenant.slug, "email": "member@acme.example", "password": PASSWORD}
    response = post(world, "/auth/login", body | {wrong: "unknown-of-that-kind"})
    assert (response.status_code, response.json()["error"]) == (401, "invalid_credentials")


def test_ten_failures_close_the_address_for_a_quarter_of_an_hour(world: World) -> None:
    """Even the right password waits; others are not concerned; a success forgets failures."""
    world.user(Role.MEMBER)
    body = {"tenant": world.tenant.slug, "email": "member@acme.example", "password": "wrong"}
    for _ in range(9):
        assert post(world, "/auth/login", body).status_code == 401
    assert post(world, "/auth/login", body | {"password": PASSWORD}).status_code == 200
    for _ in range(10):
        assert post(world, "/auth/login", body).status_code == 401
    assert post(world, "/auth/login", body | {"password": PASSWORD}).status_code == 429
    assert "accessToken" in world.login(Role.VIEWER)
    world.clock.advance(minutes=15, seconds=1)
    assert post(world, "/auth/login", body | {"password": PASSWORD}).status_code == 200


def test_refresh_token_is_used_once_and_its_reuse_ends_every_session_of_the_login(world: World) -> None:
    """Thief or owner, whoever comes second: both must log in again."""
    first = world.login(Role.MEMBER)
    second = post(world, "/auth/refresh", {"refreshToken": first["refreshToken"]}).json()
    third = post(world, "/auth/refresh", {"refreshToken": second["refreshToken"]})
    assert third.status_code == 200
    assert post(world, "/auth/refresh", {"refreshToken": first["refreshToken"]}).status_code == 401
    assert post(world, "/auth/refresh", {"refreshToken": third.json()["refreshToken"]}).status_code == 401


def test_refresh_token_ends_after_seven_days_and_at_logout(world: World) -> None:
    """An old one, a logged-out one and one that never was are refused alike."""
    old = world.login(Role.MEMBER)["refreshToken"]
    out = world.login(Role.MEMBER)["refreshToken"]
    assert post(world, "/auth/logout", {"refreshToken": out}).status_code == 204
    assert post(world, "/auth/logout", {"refreshToken": f"{world.tenant.id}.unknown"}).status_code == 204
    world.clock.advance(days=7)
    for token in (old, out, f"{world.tenant.id}.unknown", "x", "é.é"):
        response = post(world, "/auth/refresh", {"refreshToken": token})
        assert (response.status_code, response.json()["error"]) == (401, "invalid_refresh_token")


def test_outdated_password_hash_is_renewed_at_login(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The only moment at which the password is known."""
    user = world.user(Role.MEMBER)
    monkeypatch.setattr("kiosk_server.store.passwords.ArgonPasswords.is_outdated", lambda *_: True)
    with world.house.archive.of(world.tenant.id) as records:
        former = records.users.password_hash(user.id)
    world.login(Role.MEMBER)
    with world.house.archive.of(world.tenant.id) as records:
        assert records.users.password_hash(user.id) != former


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"password": "nine char"}, BadRequestError),
        ({"email": "no address"}, BadRequestError),
        ({"site_ids": frozenset()}, BadRequestError),
        ({"site_ids": frozenset({"A" * 11})}, NotFoundError),
        ({"name": " "}, BadRequestError),
    ],
)
def test_user_that_cannot_be_made_is_refused(world: World, changes: dict[str, Any], problem: type[Exception]) -> None:
    """Ten characters, an address, a name, and a site for every role that needs one."""
    facts: dict[str, Any] = {
        "email": "x@acme.example",
        "name": "X",
        "role": Role.MEMBER,
        "password": "ten chars!",
        "site_ids": frozenset({world.site.id}),
    }
    with pytest.raises(problem):
        accounts.create_user(world.house, world.tenant.id, accounts.NewUser(**(facts | changes)), OPERATOR)
    accounts.create_user(world.house, world.tenant.id, accounts.NewUser(**facts), OPERATOR)
    with pytest.raises(WrongStateError):
        accounts.create_user(world.house, world.tenant.id, accounts.NewUser(**facts), OPERATOR)


VISIT = {"visitorName": "Grace Hopper", "visitorEmail": "Grace@Navy.example", "room": "Ada", "purpose": "Talk"}


def test_member_registers_sees_and_cancels_own_visits_only(world: World) -> None:
    """Others' visits look as if they did not exist."""
    member = world.headers(Role.MEMBER)
    made = post(world, "/visits", VISIT | {"siteId": world.site.id}, member)
    assert made.status_code == 201
    assert made.json()["visitorEmail"] == "grace@navy.example"
    assert made.json()["code"].startswith("V1:")
    other = world.visit().visit
    assert [visit["id"] for visit in get(world, "/visits", Role.MEMBER).json()["visits"]] == [made.json()["id"]]
    assert get(world, f"/visits/{other.id}", Role.MEMBER).status_code == 404
    assert post(world, f"/visits/{other.id}/cancel", None, member).status_code == 404
    own = f"/visits/{made.json()['id']}"
    assert get(world, own, Role.MEMBER).json()["visit"]["token"] == made.json()["token"]
    assert post(world, f"{own}/cancel", None, member).json()["state"] == "cancelled"
    again = post(world, f"{own}/cancel", None, member)
    assert (again.status_code, again.json()["error"]) == (409, "wrong_state")


def test_member_sees_visits_hosted_though_registered_by_another(world: World) -> None:
    """The host is concerned."""
    hosted = world.visit(host=world.user(Role.MEMBER).email)
    assert hosted.visit.host_name == "member"
    assert get(world, f"/visits/{hosted.visit.id}", Role.MEMBER).status_code == 200


def test_roles_reach_no_further_than_their_table(world: World) -> None:
    """Site admin: all of own sites. Viewer: reads. Installer: kiosks only. Nobody: another site."""
    visit = world.visit().visit
    elsewhere = world.visit(site=world.other_site.id).visit
    assert get(world, f"/visits/{visit.id}", Role.SITE_ADMIN).status_code == 200
    assert get(world, f"/visits/{elsewhere.id}", Role.SITE_ADMIN).status_code == 404
    assert get(world, f"/visits/{elsewhere.id}", Role.TENANT_ADMIN).status_code == 200
    assert post(world, f"/visits/{visit.id}/cancel", None, world.headers(Role.VIEWER)).status_code == 403
    assert get(world, "/visits", Role.VIEWER).json()["visits"][0]["id"] == visit.id
    assert get(world, "/visits", Role.INSTALLER).status_code == 403
    assert get(world, f"/visits?siteId={world.other_site.id}", Role.VIEWER).status_code == 403
    body = VISIT | {"siteId": world.site.id}
    assert post(world, "/visits", body, world.headers(Role.INSTALLER)).status_code == 403
    assert post(world, "/visits", body, world.headers(Role.VIEWER)).status_code == 403
    assert get(world, f"/sites/{world.site.id}/kiosks", Role.MEMBER).status_code == 403
    assert len(get(world, "/sites", Role.TENANT_ADMIN).json()["sites"]) == 2
    assert [site["id"] for site in get(world, "/sites", Role.INSTALLER).json()["sites"]] == [world.site.id]


def test_visit_that_is_over_and_a_host_nobody_knows_are_refused(world: World) -> None:
    """Through the API nothing is registered after the fact."""
    headers = world.headers(Role.TENANT_ADMIN)
    over = VISIT | {"siteId": world.site.id, "arrival": "2026-03-01T08:00:00Z", "departure": "2026-03-01T09:00:00Z"}
    assert post(world, "/visits", over, headers).json()["error"] == "times"
    for host in ("nobody@acme.example", "H" * 22, "x"):
        answer = post(world, "/visits", VISIT | {"siteId": world.site.id, "host": host}, headers)
        assert answer.json()["error"] == "unknown_host"
    assert post(world, "/visits", VISIT | {"siteId": "A" * 11}, headers).json()["error"] == "unknown_site"


def test_pairing_window_needs_the_password_again_and_pairs(world: World) -> None:
    """A session left open is not enough; the digits work at the address given with them."""
    path = f"/sites/{world.site.id}/pairing-windows"
    headers = world.headers(Role.INSTALLER)
    assert post(world, path, {"password": "wrong"}, headers).json()["error"] == "wrong_password"
    window = post(world, path, {"password": PASSWORD}, headers)
    assert window.status_code == 201
    opened = window.json()
    assert opened["setupCode"] == opened["pairingAddress"]
    HandKiosk(world, world.site.id).pair(opened["code"])
    named = post(world, path, {"password": PASSWORD, "named": True}, headers).json()
    assert named["setupCode"].startswith(f"{named['pairingAddress']}#window=")
    kiosks = get(world, f"/sites/{world.site.id}/kiosks", Role.VIEWER).json()["kiosks"]
    assert [(kiosk["name"], kiosk["gap"], kiosk["fork"]) for kiosk in kiosks] == [("Lobby", False, False)]
    assert post(world, path, {"password": PASSWORD}, world.headers(Role.MEMBER)).status_code == 403
    elsewhere = f"/sites/{world.other_site.id}/pairing-windows"
    assert post(world, elsewhere, {"password": PASSWORD}, headers).status_code == 403


def test_kiosk_is_revoked_by_who_may_and_unknown_to_who_may_not(world: World) -> None:
    """A kiosk of another site looks as if it did not exist."""
    kiosk, other = world.kiosk(), world.kiosk(site=world.other_site.id)
    assert post(world, f"/kiosks/{kiosk.device_id}/revoke", None, world.headers(Role.VIEWER)).status_code == 403
    assert post(world, f"/kiosks/{other.device_id}/revoke", None, world.headers(Role.INSTALLER)).status_code == 404
    first = post(world, f"/kiosks/{kiosk.device_id}/revoke", None, world.headers(Role.SITE_ADMIN)).json()
    world.clock.advance(minutes=1)
    again = post(world, f"/kiosks/{kiosk.device_id}/revoke", None, world.headers(Role.SITE_ADMIN)).json()
    assert first["revokedAt"] == again["revokedAt"] is not None


def test_what_happened_at_the_doors_is_shown_with_its_flags(world: World) -> None:
    """Both kiosks' items, the earlier decision first."""
    first, second, issued = world.kiosk("A"), world.kiosk("B"), world.visit()
    first.send(first.item(issued.token, 5))
    second.send(second.item(issued.token, 2))
    told = get(world, f"/visits/{issued.visit.id}", Role.SITE_ADMIN).json()
    assert [(item["kioskId"], item["flags"], item["decidedOffline"]) for item in told["checkIns"]] == [
        (second.device_id, ["admitted_elsewhere"], True),
        (first.device_id, ["admitted_elsewhere"], True),
    ]
    assert told["visit"]["arrivedAt"] == "2026-03-02T08:32:00Z"


def test_audit_and_events_name_people_by_identifier_only(world: World) -> None:
    """Neither a name nor an address nor a code is in either."""
    kiosk = world.kiosk()
    issued = world.visit("Grace Hopper", visitor_email="grace@navy.example")
    kiosk.send(kiosk.item(issued.token))
    world.login(Role.TENANT_ADMIN)
    with world.house.archive.of(world.tenant.id) as records:
        connection = records.journal._connection
        audit = connection.execute(text("SELECT * FROM audit_log ORDER BY id")).all()
        events = connection.execute(text("SELECT * FROM events ORDER BY id")).all()
    assert [row.kind for row in events] == ["visitor.pre_registered", "visitor.checked_in"]
    actions = [row.action for row in audit]
    for action in ("tenant.created", "pairing.completed", "visit.registered", "check_in.accepted", "login.succeeded"):
        assert action in actions
    everything = repr(audit) + repr(events)
    for secret in ("Grace", "navy", issued.token[-20:], PASSWORD):
        assert secret not in everything
