"""Every endpoint against every kind of credential: only the listed cells answer.

A cell answers where the request gets past admission to the endpoint itself, which then says what it thinks of a body
that is none. Each line of CREDENTIALS is one kind, with what the two guarded kinds of endpoint say to it.
"""

from collections.abc import Callable
from types import NoneType
from typing import Final

import pytest
from msgspec.structs import replace
from nacl.signing import SigningKey

from kiosk_protocol.device_tokens import DeviceClaims, issue_device_token, key_thumbprint
from kiosk_protocol.identifiers import DeviceId, SiteId
from kiosk_protocol.messages import API_ROOT
from kiosk_server.domain.roles import Role
from kiosk_server.domain.times import to_seconds
from kiosk_server.http.access import KIOSKS, PUBLIC, USERS
from kiosk_server.http.api import ENDPOINTS
from kiosk_server.http.endpoints import Endpoint
from kiosk_server.services.keys import signing_key
from tests.kiosk_server.support import World

Headers = dict[str, str]
Bearer = Callable[[str, str], Headers]
"""From method and path to the headers of one request."""

ANSWERS: Final = "answers"
GARBAGE: Final = b"\xffno message of ours"


def nothing(_world: World) -> Bearer:
    return lambda _method, _path: {}


def user(world: World) -> Bearer:
    headers = world.headers(Role.TENANT_ADMIN)
    return lambda _method, _path: headers


def refresh_token(world: World) -> Bearer:
    headers = {"Authorization": f"Bearer {world.login(Role.TENANT_ADMIN)['refreshToken']}"}
    return lambda _method, _path: headers


def expired_user(world: World) -> Bearer:
    bearer = user(world)
    world.clock.advance(minutes=15)
    return bearer


def user_as_kiosk(world: World) -> Bearer:
    headers = {"Authorization": world.headers(Role.TENANT_ADMIN)["Authorization"].replace("Bearer", "DPoP")}
    return lambda _method, _path: headers


def kiosk(world: World) -> Bearer:
    return world.kiosk().headers


def kiosk_without_proof(world: World) -> Bearer:
    door = world.kiosk()
    return lambda method, path: {"Authorization": door.headers(method, path)["Authorization"]}


def expired_kiosk(world: World) -> Bearer:
    door = world.kiosk()
    world.clock.advance(days=365)
    return door.headers


def revoked_kiosk(world: World) -> Bearer:
    door = world.kiosk()
    revoke = f"{API_ROOT}/kiosks/{door.device_id}/revoke"
    assert world.client.post(revoke, headers=world.headers(Role.INSTALLER)).status_code == 200
    return door.headers


def kiosk_of_another_site(world: World) -> Bearer:
    """Return a token that our own key signed for this device, but for a site that it does not stand at."""
    door = world.kiosk()
    assert door.result is not None
    with world.house.archive.of(world.tenant.id) as records:
        kid, key = signing_key(world.house, records, "device", world.clock.now)
    now_s, thumbprint = to_seconds(world.clock.now), key_thumbprint(bytes(door.key.verify_key))
    device, site = DeviceId(door.device_id), SiteId(world.other_site.id)
    claims = DeviceClaims(device, world.tenant.id, site, "J" * 22, now_s, now_s + 60, thumbprint)
    door.result = replace(door.result, device_token=issue_device_token(claims, kid, key))
    return door.headers


def replayed_proof(world: World) -> Bearer:
    door = world.kiosk()

    def used(method: str, path: str) -> Headers:
        headers = door.headers(method, path)
        world.client.request(method, path, headers=headers, content=GARBAGE)
        return headers

    return used


def proof_of_another_method(world: World) -> Bearer:
    door = world.kiosk()
    return lambda method, path: door.headers("GET" if method == "POST" else "POST", path)


def proof_of_another_address(world: World) -> Bearer:
    door = world.kiosk()
    return lambda method, path: door.headers(method, path + "/x")


def proof_of_another_key(world: World) -> Bearer:
    door, stranger = world.kiosk(), SigningKey.generate()
    return lambda method, path: door.headers(method, path, key=stranger)


CREDENTIALS: Final[dict[Callable[[World], Bearer], tuple[str, str]]] = {
    nothing: ("no_token", "no_token"),
    user: (ANSWERS, "wrong_token_type"),
    refresh_token: ("invalid_token", "invalid_token"),
    expired_user: ("invalid_token", "invalid_token"),
    user_as_kiosk: ("invalid_token", "invalid_token"),
    kiosk: ("wrong_token_type", ANSWERS),
    kiosk_without_proof: ("wrong_token_type", "invalid_proof"),
    expired_kiosk: ("invalid_token", "invalid_token"),
    revoked_kiosk: ("device_revoked", "device_revoked"),
    kiosk_of_another_site: ("invalid_token", "invalid_token"),
    # A users' endpoint refuses a kiosk as such and never looks at its proof.
    replayed_proof: ("wrong_token_type", "invalid_proof"),
    proof_of_another_method: ("wrong_token_type", "invalid_proof"),
    proof_of_another_address: ("wrong_token_type", "invalid_proof"),
    proof_of_another_key: ("wrong_token_type", "invalid_proof"),
}
"""What users' endpoints and kiosks' endpoints say to each."""

STATUS: Final = {
    "wrong_token_type": 403,
    **dict.fromkeys(("no_token", "invalid_token", "invalid_proof", "device_revoked"), 401),
}


def expected(endpoint: Endpoint[object], credential: Callable[[World], Bearer]) -> str:
    """Return the word that must be answered."""
    if endpoint.tokens == PUBLIC:
        return ANSWERS
    on_users, on_kiosks = CREDENTIALS[credential]
    return on_users if endpoint.tokens == USERS else on_kiosks


def path_of(world: World, endpoint: Endpoint[object]) -> str:
    return endpoint.path.format(tenant=world.tenant.slug, site=world.site.id, visit="V" * 22, kiosk="K" * 22)


@pytest.mark.parametrize("credential", CREDENTIALS, ids=lambda credential: credential.__name__)
def test_only_the_listed_cells_answer(world: World, credential: Callable[[World], Bearer]) -> None:
    """And whoever is not let in learns nothing of what the endpoint takes."""
    bearer = credential(world)
    for endpoint in ENDPOINTS:
        assert endpoint.tokens in (PUBLIC, USERS, KIOSKS)
        path = path_of(world, endpoint)
        answer = world.client.request(endpoint.method, path, headers=bearer(endpoint.method, path), content=GARBAGE)
        word = expected(endpoint, credential)
        cell = f"{credential.__name__} on {endpoint.method} {endpoint.path}: {answer.status_code} {answer.text[:80]}"
        if word == ANSWERS:
            assert answer.status_code not in (401, 403), cell
        else:
            assert (answer.status_code, answer.json()["error"]) == (STATUS[word], word), cell


@pytest.mark.parametrize(
    "endpoint", [each for each in ENDPOINTS if each.tokens], ids=lambda endpoint: f"{endpoint.method} {endpoint.path}"
)
def test_another_tenants_credentials_reach_nothing_here(
    world: World, other_world: World, endpoint: Endpoint[object]
) -> None:
    """Genuine over there; here an address that names something of this tenant is one that does not exist."""
    visit, door = world.visit(), world.kiosk()
    path = endpoint.path.format(
        tenant=world.tenant.slug, site=world.site.id, visit=visit.visit.id, kiosk=door.device_id
    )
    bearer = (user if endpoint.tokens == USERS else kiosk)(other_world)
    headers = bearer(endpoint.method, path)
    answer = world.client.request(endpoint.method, path, headers=headers, content=GARBAGE)
    markers = (world.site.id, world.tenant.slug, visit.visit.id, door.device_id, world.tenant.id)
    assert not [marker for marker in markers if str(marker).encode() in answer.content]
    if "{" in endpoint.path:
        # Where a body is taken, one that is none is refused before anything is looked up.
        assert answer.status_code == (404 if endpoint.takes is NoneType else 400), answer.text
