"""Who may use which endpoint: the table itself, and what happens to everybody else."""

import pytest
from fastapi.routing import APIRoute
from msgspec.structs import replace
from nacl.signing import SigningKey

from kiosk_protocol.device_tokens import DeviceClaims, issue_device_token, key_thumbprint
from kiosk_protocol.identifiers import DeviceId, SiteId
from kiosk_protocol.messages import API_ROOT, PairingResult
from kiosk_server.domain.roles import Role, TokenType
from kiosk_server.domain.times import to_seconds
from kiosk_server.domain.user_tokens import UserClaims, issue_user_token
from kiosk_server.http.access import KIOSKS, PUBLIC, USERS
from kiosk_server.http.api import ENDPOINTS, create_api
from kiosk_server.http.endpoints import Endpoint
from kiosk_server.services.freshness import Freshness
from kiosk_server.services.keys import signing_key
from tests.kiosk_server.support import HandKiosk, World

GUARDED = [endpoint for endpoint in ENDPOINTS if endpoint.tokens]
IDS = [f"{endpoint.method} {endpoint.path}" for endpoint in GUARDED]


def address(world: World, endpoint: Endpoint[object]) -> str:
    return endpoint.path.format(tenant=world.tenant.slug, site=world.site.id, visit="V" * 22, kiosk="K" * 22)


def test_table_is_what_was_decided() -> None:
    """Public: pairing, health, sessions, the CA, and handing over, which is signed by a key that has no token any more.

    Kiosk endpoints take kiosks alone; all others users alone.
    """
    for endpoint in ENDPOINTS:
        if endpoint.path == f"{API_ROOT}/kiosk/handover":
            assert endpoint.tokens == PUBLIC
        elif endpoint.path.startswith(f"{API_ROOT}/kiosk/"):
            assert endpoint.tokens == KIOSKS
        elif endpoint.path.startswith((f"{API_ROOT}/auth/", f"{API_ROOT}/pairing/", "/p/", "/health")):
            assert endpoint.tokens == PUBLIC
        else:
            assert endpoint.tokens == USERS


def test_every_route_comes_from_the_table(world: World) -> None:
    """No route is added past it, but for the two documents."""
    routes = {(route.path, *route.methods) for route in create_api(world.house).routes if isinstance(route, APIRoute)}
    declared = {(endpoint.path, endpoint.method) for endpoint in ENDPOINTS}
    assert routes == declared | {("/api/docs", "GET"), ("/api/openapi.json", "GET")}


def test_endpoint_without_declared_tokens_cannot_be_built() -> None:
    """There is no default to forget."""
    with pytest.raises(TypeError):
        Endpoint("GET", "/x", takes=type(None), gives=type(None), run=lambda _call, _body: None)


@pytest.mark.parametrize("endpoint", GUARDED, ids=IDS)
def test_without_a_token_nothing_is_answered(world: World, endpoint: Endpoint[object]) -> None:
    """401 with the reason, before the body is looked at."""
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Bearer " + "x.y.z"}):
        response = world.client.request(endpoint.method, address(world, endpoint), content=b"garbage", headers=headers)
        assert response.status_code == 401
        assert response.json().keys() == {"error", "message"}
        assert "DPoP" in response.headers["WWW-Authenticate"]


def test_token_of_the_wrong_type_gets_403_everywhere(world: World) -> None:
    """A kiosk never reaches a users' endpoint, with or without a proof, nor a user a kiosk's."""
    kiosk, user = world.kiosk(), world.headers(Role.TENANT_ADMIN)
    assert kiosk.result is not None
    for endpoint in GUARDED:
        path = address(world, endpoint)
        if TokenType.KIOSK in endpoint.tokens:
            attempts = [user]
        else:
            attempts = [
                {"Authorization": f"Bearer {kiosk.result.device_token}"},
                kiosk.headers(endpoint.method, path),
            ]
        for headers in attempts:
            response = world.client.request(endpoint.method, path, headers=headers)
            assert (response.status_code, response.json()["error"]) == (403, "wrong_token_type"), path


def test_revoked_kiosk_is_refused_at_once(world: World) -> None:
    """The device is looked up on each request."""
    kiosk = world.kiosk()
    assert kiosk.ask("GET", "/kiosk/trust").status_code == 200
    path = f"{API_ROOT}/kiosks/{kiosk.device_id}/revoke"
    assert world.client.post(path, headers=world.headers(Role.INSTALLER)).json()["revokedAt"] is not None
    response = kiosk.ask("GET", "/kiosk/trust")
    assert (response.status_code, response.json()["error"]) == (401, "device_revoked")


def test_stolen_device_token_is_worthless_without_the_key(world: World) -> None:
    """No proof, another key's, for another method, address or token: all 401."""
    kiosk = world.kiosk()
    path = f"{API_ROOT}/kiosk/configuration"
    good = kiosk.headers("GET", path)
    attempts = [
        {"Authorization": good["Authorization"]},
        {**good, "Authorization": good["Authorization"].replace("DPoP", "Bearer")},
        kiosk.headers("GET", path, key=SigningKey.generate()),
        kiosk.headers("POST", path),
        kiosk.headers("GET", path + "x"),
        kiosk.headers("GET", path, url="https://elsewhere.example" + path),
        kiosk.headers("GET", path, access_token="another"),
        {**good, "DPoP": "e30." * 3},
        {**good, "DPoP": "W" * 3000},
        {**good, "DPoP": "W1tb" * 400 + ".e30.AA"},
    ]
    for headers in attempts:
        response = world.client.get(path, headers=headers)
        assert (response.status_code, response.json()["error"]) == (401, "invalid_proof")
    doubled = world.client.get(path, headers=[*good.items(), ("DPoP", good["DPoP"])])
    assert doubled.status_code == 401
    assert world.client.get(path, headers=good).status_code == 200


def test_proof_is_made_for_a_nonce_of_the_last_five_minutes(world: World) -> None:
    """Without one, with an old, a foreign or a strange one: 401 with the nonce to take, and that one is taken."""
    kiosk = world.kiosk()
    path = f"{API_ROOT}/kiosk/configuration"
    old = world.house.freshness.nonce(world.clock.now)
    foreign = Freshness().nonce(world.clock.now)
    world.clock.advance(minutes=5, seconds=1)
    for nonce in (None, old, foreign, "", "not base64url!", "AAAA", old[:-1]):
        refused = world.client.get(path, headers=kiosk.headers("GET", path, nonce=nonce))
        assert (refused.status_code, refused.json()["error"]) == (401, "use_dpop_nonce"), nonce
        assert 'error="use_dpop_nonce"' in refused.headers["WWW-Authenticate"]
        fresh = kiosk.headers("GET", path, nonce=refused.headers["DPoP-Nonce"])
        answered = world.client.get(path, headers=fresh)
        assert answered.status_code == 200
        # RFC 9449 §8.2: the next one comes along, so that no request need be refused first.
        again = kiosk.headers("GET", path, nonce=answered.headers["DPoP-Nonce"])
        assert world.client.get(path, headers=again).status_code == 200


def test_proof_counts_once(world: World) -> None:
    """A request overheard on the wire is worth nothing when sent again, byte for byte, nor later."""
    kiosk, other = world.kiosk(), world.kiosk("Side door")
    path = f"{API_ROOT}/kiosk/configuration"
    headers = kiosk.headers("GET", path, proof_id="proof-0001")
    assert world.client.get(path, headers=headers).status_code == 200
    assert world.client.get(path, headers=headers).json()["error"] == "invalid_proof"
    # Another key's proof of the same name is another proof.
    assert world.client.get(path, headers=other.headers("GET", path, proof_id="proof-0001")).status_code == 200
    world.clock.advance(minutes=6)
    assert world.client.get(path, headers=headers).json()["error"] == "use_dpop_nonce"


def test_strangers_are_told_no_nonce(world: World) -> None:
    """Only who proves to hold the key is asked again; a proof for a nonce comes after everything else is right."""
    kiosk = world.kiosk()
    path = f"{API_ROOT}/kiosk/configuration"
    refused = world.client.get(path, headers=kiosk.headers("GET", path, key=SigningKey.generate(), nonce=None))
    assert refused.json()["error"] == "invalid_proof"
    assert "DPoP-Nonce" not in refused.headers


def test_genuine_token_of_a_device_that_is_not_there_is_refused(world: World) -> None:
    """Signed by our own key, but for no device, another site, or with another token's identifier."""
    kiosk = world.kiosk()
    assert kiosk.result is not None
    with world.house.archive.of(world.tenant.id) as records:
        kid, key = signing_key(world.house, records, "device", world.clock.now)
    now_s = to_seconds(world.clock.now)
    thumbprint = key_thumbprint(bytes(kiosk.key.verify_key))
    devices = [
        ("D" * 22, world.site.id, "J" * 22),
        (kiosk.device_id, world.site.id, "J" * 22),
        (kiosk.device_id, world.other_site.id, "J" * 22),
    ]
    for device, site, token_id in devices:
        claims = DeviceClaims(DeviceId(device), world.tenant.id, SiteId(site), token_id, now_s, now_s + 60, thumbprint)
        impostor = HandKiosk(world, world.site.id)
        impostor.key = kiosk.key
        impostor.result = _with_token(kiosk, issue_device_token(claims, kid, key))
        assert impostor.ask("GET", "/kiosk/trust").json()["error"] == "invalid_token"


def _with_token(kiosk: HandKiosk, token: str) -> PairingResult:
    assert kiosk.result is not None
    return replace(kiosk.result, device_token=token)


def test_device_token_ends_after_a_year(world: World) -> None:
    """Renewal comes from half-life on; after the end only pairing helps."""
    kiosk = world.kiosk()
    world.clock.advance(days=365)
    assert kiosk.ask("GET", "/kiosk/trust").status_code == 401


def test_access_token_ends_after_fifteen_minutes_and_needs_its_own_scheme(world: World) -> None:
    """Neither late nor under another scheme, nor for a user who is gone."""
    headers = world.headers(Role.TENANT_ADMIN)
    path = f"{API_ROOT}/sites"
    assert world.client.get(path, headers=headers).status_code == 200
    assert (
        world.client.get(
            path, headers={"Authorization": headers["Authorization"].replace("Bearer", "DPoP")}
        ).status_code
        == 401
    )
    world.clock.advance(minutes=15)
    assert world.client.get(path, headers=headers).status_code == 401


def test_token_that_claims_what_it_was_not_signed_for_is_refused(world: World) -> None:
    """Another tenant's name on it, an agent's type, a foreign key, a user nobody knows."""
    with world.house.archive.of(world.tenant.id) as records:
        kid, key = signing_key(world.house, records, "user", world.clock.now)
        device_kid, device_key = signing_key(world.house, records, "device", world.clock.now)
    now_s = to_seconds(world.clock.now)
    claims = UserClaims("U" * 22, world.tenant.id, (), "tenant_admin", "J" * 22, now_s, now_s + 60)
    elsewhere = UserClaims("U" * 22, "T" * 22, (), "tenant_admin", "J" * 22, now_s, now_s + 60)
    tokens = [
        issue_user_token(claims, kid, key),
        issue_user_token(elsewhere, kid, key),
        issue_user_token(claims, kid, SigningKey.generate()),
        issue_user_token(claims, device_kid, device_key),
        "eyJhbGciOiJub25lIn0.eyJ0b2tlbl90eXBlIjoiYWdlbnQiLCJ0ZW5hbnRfaWQiOiJUVFRUVFRUVFRUVFRUVFRUVFRUVFRUIn0.",
        "A" * 9000,
    ]
    for token in tokens:
        response = world.client.get(f"{API_ROOT}/sites", headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 401
