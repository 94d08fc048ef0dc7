"""Kiosks at the desk: how they are, pairing windows, names, and the end of one."""

import re
from datetime import timedelta
from typing import Any

import pytest

from kiosk_protocol.handover import HandoverDocument, sign_handover
from kiosk_protocol.messages import API_ROOT, Heartbeat, encode
from kiosk_server.domain.roles import Role
from kiosk_server.domain.times import to_milliseconds, to_seconds
from kiosk_server.services import handover
from kiosk_server.services.house import OPERATOR
from tests.kiosk_server.support import BASE_URL, PASSWORD, HandKiosk, World
from tests.kiosk_server.web.browser import Browser, signed_in, words


@pytest.fixture
def installer(world: World) -> Browser:
    """Somebody who minds kiosks, signed in."""
    return signed_in(world, Role.INSTALLER)


def beat(kiosk: HandKiosk, **changes: Any) -> None:
    now = kiosk.world.clock.now
    facts = {
        "app_version": "0.1.0",
        "waiting": 0,
        "parked": 0,
        "oldest_waiting_ms": None,
        "clock": "sure",
        "trust_version": 1,
        "trust_issued_at": to_seconds(now),
        "feed_at_ms": to_milliseconds(now),
        "camera": "ok",
        "token_expires": to_seconds(now) + 1,
    }
    assert kiosk.ask("POST", "/kiosk/heartbeat", Heartbeat(**(facts | changes))).status_code == 200


def test_no_kiosk_yet_leads_to_a_window(installer: Browser) -> None:
    """The empty list says what to do."""
    said = words(installer.page("/kiosks"))
    assert "No kiosk yet. Open a pairing window" in said


def test_the_list_says_how_each_kiosk_is(world: World, installer: Browser) -> None:
    """Version, waiting, clock, trust, camera and token; troubles are named."""
    well, ill, silent = world.kiosk("North"), world.kiosk("South"), world.kiosk("East")
    beat(silent)
    world.clock.advance(minutes=25)
    beat(well)
    old = to_seconds(world.clock.now) - 90_000
    beat(ill, waiting=12, parked=1, clock="suspect", camera="CAM-2", trust_issued_at=old)
    rows = [words(row) for row in re.findall(r"<tr>(.*?)</tr>", installer.page("/kiosks"), re.DOTALL)[1:]]
    assert re.search(r"North Online just now 0 Sure 09:55 Works .* 0\.1\.0", rows[1])
    assert re.search(
        r"South clock suspect, camera: fault CAM-2, old trust Online just now 12 1 parked Suspect", rows[2]
    )
    assert "Fault CAM-2" in rows[2]
    assert re.search(r"East Offline since 09:30", rows[0])


def test_a_kiosk_that_said_nothing_yet_is_shown_all_the_same(world: World, installer: Browser) -> None:
    """Freshly paired: dashes, no error."""
    kiosk = world.kiosk("North")
    assert "North Online just now \N{EN DASH}" in words(installer.page("/kiosks"))
    assert "not said yet" in installer.page(f"/kiosks/{kiosk.device_id}")


def test_one_kiosk_says_everything(world: World, installer: Browser) -> None:
    """Its page has the oldest waiting item and a queue that does not add up."""
    kiosk, issued = world.kiosk("North"), world.visit()
    kiosk.item(issued.token)
    kiosk.send(kiosk.item(issued.token, 1))
    beat(kiosk, waiting=3, oldest_waiting_ms=to_milliseconds(world.clock.now - timedelta(minutes=20)))
    said = words(installer.page(f"/kiosks/{kiosk.device_id}"))
    assert "3 oldest from 09:10" in said
    assert "items missing" in said


def test_a_window_opens_with_the_password_and_shows_its_digits_once(world: World, installer: Browser) -> None:
    """Digits, address and picture stand in this answer only; they pair a kiosk."""
    response = installer.send("/kiosks/window", {"site": world.site.id, "password": PASSWORD})
    assert response.status_code == 200
    digits = "".join(re.findall(r"<span>(\d{3})</span>", response.text))
    assert len(digits) == 6
    said = words(response.text)
    assert f"https://door.example:8443/p/{world.tenant.slug}/{world.site.id}" in said
    assert "5 of 5" in said
    assert 'src="data:image/svg+xml' in response.text
    later = installer.page("/kiosks/window")
    assert digits[:3] not in re.findall(r"<span>(\d{3})</span>", later)
    assert "5 of 5" in words(later)
    HandKiosk(world, world.site.id, "North").pair(digits)
    assert "North joined House" in words(installer.page("/kiosks/window"))


def test_a_named_window_is_for_when_strangers_used_up_the_tries(world: World, installer: Browser) -> None:
    """The page says so then; the whole set-up code is shown, whose name the kiosk must give."""
    code = world.window().code
    for _ in range(5):
        HandKiosk(world, world.site.id).start("000000" if code != "000000" else "000001")
    assert "let the next window answer to its picture only" in words(installer.page("/kiosks/window"))
    response = installer.send("/kiosks/window", {"site": world.site.id, "password": PASSWORD, "named": "yes"})
    (name,) = re.findall(r"#window=([a-z2-7]{16})<", response.text)
    digits = "".join(re.findall(r"<span>(\d{3})</span>", response.text))
    HandKiosk(world, world.site.id, "North").pair(digits, name)
    assert "North joined House" in words(installer.page("/kiosks/window"))


def test_a_wrong_password_opens_nothing(world: World, installer: Browser) -> None:
    """A session left open is not enough."""
    response = installer.send("/kiosks/window", {"site": world.site.id, "password": "wrong password"})
    assert response.status_code == 403
    assert '<p class="error" id="password-error">The password is wrong.</p>' in response.text
    assert 'id="digits"' not in response.text


def test_tries_and_time_are_followed(world: World, installer: Browser) -> None:
    """Wrong digits count down; a window that is used up or over says so, and is forgotten after an hour."""
    opened = world.window()
    wrong = f"{(int(opened.code) + 1) % 1_000_000:06d}"
    HandKiosk(world, world.site.id).start(wrong)
    world.clock.advance(minutes=4)
    text = installer.page("/kiosks/window")
    assert "4 of 5" in words(text)
    assert 'data-seconds-left="360"' in text
    for _ in range(4):
        HandKiosk(world, world.site.id).start(wrong)
    assert "all 5 tries are used up" in words(installer.page("/kiosks/window"))
    world.window()
    world.clock.advance(minutes=11)
    assert "The last window is closed. Open a new one" in words(installer.page("/kiosks/window"))
    world.clock.advance(minutes=20)
    installer.page("/kiosks/window")
    world.clock.advance(minutes=29)
    installer.page("/kiosks/window")
    world.clock.advance(minutes=12)
    assert "The last window" not in installer.page("/kiosks/window")


def test_ten_windows_a_day_are_enough(world: World, installer: Browser) -> None:
    """The eleventh is refused beside the field, not with an error page."""
    for _ in range(10):
        world.window()
    response = installer.send("/kiosks/window", {"site": world.site.id, "password": PASSWORD})
    assert "At most 10 pairing windows a day" in response.text


def test_a_kiosk_is_renamed(world: World, installer: Browser) -> None:
    """Shown at once, audited; a name that cannot be is refused beside its field."""
    kiosk = world.kiosk("North")
    assert installer.send(f"/kiosks/{kiosk.device_id}/name", {"name": " Main lobby "}).status_code == 303
    assert "Main lobby" in words(installer.page("/kiosks"))
    response = installer.send(f"/kiosks/{kiosk.device_id}/name", {"name": "x" * 65})
    assert response.status_code == 400
    assert "The kiosk&#39;s name must have 1 to 64 characters." in response.text


def test_revoking_asks_first_and_is_for_good(world: World, installer: Browser) -> None:
    """The kiosk's next request is refused; it moves to the revoked ones and cannot be changed any more."""
    kiosk = world.kiosk("North")
    assert "Revoke this kiosk? North, House" in words(installer.page(f"/kiosks/{kiosk.device_id}/revoke"))
    assert kiosk.ask("GET", "/kiosk/configuration").status_code == 200
    assert installer.send(f"/kiosks/{kiosk.device_id}/revoke").headers["location"] == "/kiosks"
    assert kiosk.ask("GET", "/kiosk/configuration").status_code == 401
    text = installer.page("/kiosks")
    assert "No kiosk yet" in text
    assert "<h2>Revoked</h2>" in text
    assert "Rename" not in installer.page(f"/kiosks/{kiosk.device_id}")


def test_a_viewer_looks_and_touches_nothing(world: World) -> None:
    """No button to pair, rename or revoke; kiosks of other sites are not listed."""
    kiosk = world.kiosk("North")
    world.kiosk("Harbour gate", site=world.other_site.id)
    viewer = signed_in(world, Role.VIEWER)
    text = viewer.page("/kiosks")
    assert "North" in text
    assert "Harbour gate" not in text
    assert "window" not in text
    assert not re.search(r"Rename|Revoke<", viewer.page(f"/kiosks/{kiosk.device_id}"))


def test_what_a_revoked_kiosk_handed_over_is_said_with_its_last_day(world: World, installer: Browser) -> None:
    """Until somebody decides."""
    kiosk, page = world.kiosk("North"), "In quarantine"
    entry = kiosk.item(world.visit().token)
    installer.send(f"/kiosks/{kiosk.device_id}/revoke")
    assert page not in words(installer.page(f"/kiosks/{kiosk.device_id}"))
    document = HandoverDocument(
        type="handover",
        server=BASE_URL,
        nonce=world.house.freshness.nonce(world.clock.now),
        tenant_id=world.tenant.id,
        device_id=kiosk.device_id,
        chain_id=kiosk.chain_id,
        entries=(entry,),
    )
    sent = world.client.post(f"{API_ROOT}/kiosk/handover", content=encode(sign_handover(document, kiosk.key)))
    assert sent.status_code == 200
    said = words(installer.page(f"/kiosks/{kiosk.device_id}"))
    assert "In quarantine 1 until Wed 1 Apr" in said
    handover.discard(world.house, world.tenant.id, kiosk.device_id, OPERATOR)
    assert page not in words(installer.page(f"/kiosks/{kiosk.device_id}"))
