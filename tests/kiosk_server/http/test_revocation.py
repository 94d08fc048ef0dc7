"""A revoked kiosk: refused at once, everywhere, with a signed word that is about it alone."""

import pytest

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import DocumentError, EnvelopeError
from kiosk_protocol.identifiers import DeviceId
from kiosk_protocol.messages import API_ROOT, RevokedBody, decode
from kiosk_protocol.revocation import read_revocation
from kiosk_server.domain.times import to_seconds
from kiosk_server.http.access import KIOSKS
from kiosk_server.http.api import ENDPOINTS
from kiosk_server.services.devices import revoke_device
from kiosk_server.services.house import OPERATOR
from tests.kiosk_server.support import START, HandKiosk, World

KIOSK_ENDPOINTS = [endpoint for endpoint in ENDPOINTS if endpoint.tokens == KIOSKS]


def revoke(kiosk: HandKiosk) -> None:
    revoke_device(kiosk.world.house, kiosk.world.tenant.id, kiosk.device_id, OPERATOR)


def told(kiosk: HandKiosk, method: str = "GET", path: str = "/kiosk/trust") -> RevokedBody:
    answer = kiosk.ask(method, path)
    assert answer.status_code == 401
    assert "DPoP" in answer.headers["WWW-Authenticate"]
    return decode(answer.content, RevokedBody)


def key_of(kiosk: HandKiosk) -> str:
    return base64url_encode(bytes(kiosk.key.verify_key))


def test_every_request_is_answered_with_the_signed_revocation(world: World) -> None:
    """By a bundle key of the root the kiosk pinned; before the body is looked at."""
    kiosk = world.kiosk()
    revoke(kiosk)
    for endpoint in KIOSK_ENDPOINTS:
        body = told(kiosk, endpoint.method, endpoint.path.removeprefix(API_ROOT))
        assert kiosk.trust is not None
        document = read_revocation(body.revocation, kiosk.trust, DeviceId(kiosk.device_id), key_of(kiosk))
        assert document.issued_at == to_seconds(START)


def test_a_second_revocation_changes_nothing(world: World) -> None:
    kiosk = world.kiosk()
    revoke(kiosk)
    first = told(kiosk)
    world.clock.advance(hours=1)
    revoke(kiosk)
    assert told(kiosk) == first


def test_it_revokes_nobody_else(world: World) -> None:
    """Not the kiosk beside it, whose requests go on, nor that one's key."""
    kiosk, other = world.kiosk(), world.kiosk("Side door")
    revoke(kiosk)
    envelope = told(kiosk).revocation
    assert other.ask("GET", "/kiosk/trust").status_code == 200
    assert other.trust is not None
    with pytest.raises(DocumentError, match="other_device"):
        read_revocation(envelope, other.trust, DeviceId(other.device_id), key_of(other))
    with pytest.raises(DocumentError, match="other_device"):
        read_revocation(envelope, other.trust, DeviceId(kiosk.device_id), key_of(other))


def test_without_the_device_key_nobody_gets_it(world: World) -> None:
    """A copied token alone is told nothing about the kiosk."""
    kiosk = world.kiosk()
    revoke(kiosk)
    path = f"{API_ROOT}/kiosk/trust"
    headers = {"Authorization": kiosk.headers("GET", path)["Authorization"]}
    answer = world.client.get(path, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_proof")
    assert "revocation" not in answer.json()


def test_another_tenants_bundle_key_does_not_count(world: World, other_world: World) -> None:
    kiosk, stranger = world.kiosk(), other_world.kiosk()
    revoke(kiosk)
    assert stranger.trust is not None
    with pytest.raises(EnvelopeError):
        read_revocation(told(kiosk).revocation, stranger.trust, DeviceId(kiosk.device_id), key_of(kiosk))


def test_one_revoked_before_revocations_were_signed_is_refused_without_one_until_it_is_revoked_again(
    world: World,
) -> None:
    """Such a row comes from an earlier schema; the moment it was revoked stays."""
    kiosk = world.kiosk()
    revoke(kiosk)
    with world.house.archive.of(world.tenant.id) as records:
        devices = records.devices
        devices._connection.exec_driver_sql("UPDATE devices SET revocation = NULL")
    answer = kiosk.ask("GET", "/kiosk/trust")
    assert (answer.status_code, sorted(answer.json())) == (401, ["error", "message"])
    world.clock.advance(hours=1)
    revoke(kiosk)
    assert told(kiosk).error == "device_revoked"
    with world.house.archive.of(world.tenant.id) as records:
        device = records.devices.get(DeviceId(kiosk.device_id))
    assert device is not None
    assert device.revoked_at == START


def test_the_openapi_document_says_so(world: World) -> None:
    document = world.client.get("/api/openapi.json").json()
    answer = document["paths"][f"{API_ROOT}/kiosk/trust"]["get"]["responses"]["401"]
    kinds = answer["content"]["application/json"]["schema"]["anyOf"]
    assert {"$ref": "#/components/schemas/RevokedBody"} in kinds
    assert "RevokedBody" in document["components"]["schemas"]
