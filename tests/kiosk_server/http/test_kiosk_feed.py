"""What a kiosk fetches: visits after a cursor, trust documents, settings, the signed time."""

from datetime import timedelta

import httpx
import pytest

from kiosk_protocol.encoding import base64url_decode
from kiosk_protocol.errors import SealError
from kiosk_protocol.identifiers import visit_digest
from kiosk_protocol.messages import Envelope, FeedPage, TimeQuestion, TrustAnswer, decode
from kiosk_protocol.sealing import SealContext, open_details
from kiosk_protocol.trust import read_time, update
from kiosk_server.domain.records import VisitState
from kiosk_server.domain.times import to_milliseconds, to_seconds
from kiosk_server.services import tenancy, trust, visits
from kiosk_server.services.feed import MAX_FEED_ENTRIES
from kiosk_server.services.house import OPERATOR
from kiosk_server.services.housekeeping import keep_house
from tests.kiosk_server.support import HandKiosk, World


def page(kiosk: HandKiosk, after: FeedPage | None = None) -> FeedPage:
    query = "" if after is None else f"?epoch={after.epoch}&cursor={after.cursor}"
    response: httpx.Response = kiosk.ask("GET", "/kiosk/visits", query=query)
    assert response.status_code == 200, response.text
    return decode(response.content, FeedPage)


def test_feed_brings_expected_visits_of_the_site_sealed_to_their_codes(world: World) -> None:
    """Another site's visits stay out, and another's code opens nothing."""
    kiosk, issued, other = world.kiosk(), world.visit("Ada Lovelace", room="Babbage"), world.visit("Alan Turing")
    world.visit(site=world.other_site.id)
    entries = page(kiosk).entries
    assert [entry.digest for entry in entries] == [visit_digest(issued.visit.id), visit_digest(other.visit.id)]
    sealed = entries[0].sealed
    assert sealed is not None
    assert b"Ada" not in base64url_decode(sealed.details)
    context = SealContext(world.tenant.id, world.site.id, visit_digest(issued.visit.id), 0, 0)
    details = open_details(sealed, base64url_decode(issued.token.rpartition(".")[2]), context)
    assert (details.visitor_name, details.room) == ("Ada Lovelace", "Babbage")
    with pytest.raises(SealError):
        open_details(sealed, base64url_decode(other.token.rpartition(".")[2]), context)


def test_feed_goes_on_where_it_stopped_and_brings_changes(world: World) -> None:
    """Cancelled and arrived visits come again without their details."""
    kiosk, cancelled, arrived = world.kiosk(), world.visit(), world.visit()
    first = page(kiosk)
    assert page(kiosk, first).entries == ()
    visits.cancel_visit(world.house, world.tenant.id, cancelled.visit.id, OPERATOR)
    kiosk.send(kiosk.item(arrived.token))
    changes = page(kiosk, first).entries
    assert [(entry.state, entry.sealed) for entry in changes] == [("cancelled", None), ("checked_in", None)]


def test_long_feed_comes_in_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each says whether more follows, and none is skipped."""
    assert MAX_FEED_ENTRIES == 200
    monkeypatch.setattr("kiosk_server.services.feed.MAX_FEED_ENTRIES", 2)
    kiosk = world.kiosk()
    expected = [visit_digest(world.visit().visit.id) for _ in range(5)]
    seen, last = [], None
    while last is None or last.more:
        last = page(kiosk, last)
        seen += [entry.digest for entry in last.entries]
    assert seen == expected


def test_renewed_epoch_means_fetch_again(world: World) -> None:
    """After a restored backup the cursor of before means nothing."""
    kiosk = world.kiosk()
    world.visit()
    before = page(kiosk)
    tenancy.renew_epoch(world.house, world.tenant.id, world.site.id, OPERATOR)
    after = page(kiosk, before)
    assert after.epoch != before.epoch
    assert len(after.entries) == 1


def test_past_visits_leave_the_feed(world: World) -> None:
    """A day after their end a new kiosk need not hear of them."""
    world.visit()
    world.clock.advance(days=2)
    assert page(world.kiosk()).entries == ()


def test_checked_in_visits_expire_after_their_departure(world: World) -> None:
    """Housekeeping closes them; those nobody arrived for stay as they are."""
    kiosk, arrived, absent = world.kiosk(), world.visit(), world.visit()
    kiosk.send(kiosk.item(arrived.token))
    world.clock.advance(hours=1)
    keep_house(world.house)
    assert visits.visit_story(world.house, world.tenant.id, arrived.visit.id).visit.state is VisitState.CHECKED_IN
    world.clock.advance(hours=1)
    keep_house(world.house)
    assert visits.visit_story(world.house, world.tenant.id, arrived.visit.id).visit.state is VisitState.EXPIRED
    assert visits.visit_story(world.house, world.tenant.id, absent.visit.id).visit.state is VisitState.PRE_REGISTERED
    assert [entry.state for entry in page(kiosk).entries][-1] == "closed"


def test_bundle_is_signed_anew_before_it_grows_old_and_kiosks_accept_it(world: World) -> None:
    """The same bytes within six hours, a higher version after."""
    kiosk = world.kiosk()
    assert kiosk.trust is not None
    same = decode(kiosk.ask("GET", "/kiosk/trust").content, TrustAnswer)
    assert update(kiosk.trust, same.root, same.bundle, to_seconds(world.clock.now)) is kiosk.trust
    world.clock.advance(hours=6)
    newer = decode(kiosk.ask("GET", "/kiosk/trust").content, TrustAnswer)
    updated = update(kiosk.trust, newer.root, newer.bundle, to_seconds(world.clock.now))
    assert updated.bundle.version > kiosk.trust.bundle.version
    assert updated.age_s(to_seconds(world.clock.now)) == 0


def test_bundle_version_rises_although_the_clock_was_set_back(world: World) -> None:
    """At least last + 1: no kiosk takes it for a rollback."""
    kiosk = world.kiosk()
    assert kiosk.trust is not None
    with world.house.archive.of(world.tenant.id) as records:
        for now in (world.clock.now + timedelta(days=1), world.clock.now):
            trust.publish_bundle(world.house, records, now)
        document = records.keys.newest_document("bundle")
    assert document is not None
    assert document.version == to_seconds(world.clock.now + timedelta(days=1)) + 1


def test_time_is_signed_together_with_the_nonce(world: World) -> None:
    """Under the key of purpose time, in milliseconds."""
    kiosk = world.kiosk()
    assert kiosk.trust is not None
    answer = decode(kiosk.ask("POST", "/kiosk/time", TimeQuestion(nonce="N" * 22)).content, Envelope)
    keys = kiosk.trust.keys("time", to_seconds(world.clock.now))
    assert read_time(answer, "N" * 22, keys) == to_milliseconds(world.clock.now)


def test_health_says_whether_the_database_answers(world: World) -> None:
    """Both, in one answer."""
    assert world.client.get("/health").json() == {"status": "ok", "database": "ok"}


def test_openapi_document_holds_every_message(world: World) -> None:
    """Each endpoint, its tokens, and the schema of what it takes and gives; the page needs nothing from outside."""
    document = world.client.get("/api/openapi.json").json()
    claims = document["paths"]["/api/v1/kiosk/claims"]["post"]
    assert claims["security"] == [{"kioskToken": []}]
    assert claims["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/ClaimQuestion"
    }
    for name in ("ClaimQuestion", "Batch", "OutboxEntry", "SessionBody", "ErrorBody"):
        assert name in document["components"]["schemas"]
    assert document["paths"]["/api/v1/sites/{site}/kiosks"]["get"]["parameters"][0]["name"] == "site"
    docs = world.client.get("/api/docs")
    assert "/api/v1/kiosk/claims" in docs.text
    assert "https:" not in docs.text
    assert "<script" not in docs.text
