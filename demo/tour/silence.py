"""Kiosks from afar: silent ones, what they say when they are back, and the end of one."""

from demo.browser.desk import LAPTOP
from demo.evidence import StoredDevice, rfc3339
from demo.tour.guide import Guide
from demo.tour.pairing import FRONT_DOOR, SIDE_DOOR
from demo.waiting import wait_until
from demo.world import INSTALLER

_SILENT_S = 90.0
_REVOKED_S = 60.0


def see_silence(guide: Guide) -> None:
    """The list says since when a kiosk is silent, and an installer is told by email."""
    desk, mails = guide.desk, guide.world.mail.mails
    with guide.report.step("Staff see that the kiosk is cut off, and are told by email"):
        caught = wait_until(lambda: bool(mails), _SILENT_S)
        told = guide.world.mail.recipients
        guide.report.found("mail catcher", "one email, to the site's installer", told, holds=told == [INSTALLER])
        if caught:
            mail = mails[0][1]
            guide.report.found(
                "mail catcher", "it names the kiosk", mail["Subject"], holds=FRONT_DOOR in mail["Subject"]
            )
            guide.report.quote(f"To: {mail['To']}\nSubject: {mail['Subject']}\n\n{mail.get_content().strip()}")
        desk.click("Kiosks")
        guide.page_shows("offline, and since when", FRONT_DOOR, "Offline", "since")
        guide.report.picture(desk, "offline-since")
        device = _device(guide)
        last = "" if device is None else rfc3339(device.last_seen_at)
        guide.report.found("dashboard", "since the last contact", last, holds=last in desk.times())


def see_nothing_waits(guide: Guide) -> None:
    """Back again: online, and nothing waits any more, by the kiosk's own word."""
    desk = guide.desk

    def is_empty() -> bool:
        device = _device(guide)
        return device is not None and device.waiting == 0

    emptied = wait_until(is_empty, _SILENT_S)
    guide.database_holds("the kiosk itself says that nothing waits", _device(guide), holds=emptied)
    desk.open("/kiosks")
    guide.page_shows("online again", FRONT_DOOR, "Online")
    guide.report.picture(desk, "online-again")


def revoke_kiosk(guide: Guide) -> None:
    """A stolen kiosk is revoked in the dashboard; it says so and forgets what could be read."""
    lobby, desk = guide.door, guide.desk
    with guide.report.step("The installer revokes a kiosk; it says so"):
        desk.use(LAPTOP)
        guide.sign_in(INSTALLER)
        guide.page_shows("both kiosks, and how they are", FRONT_DOOR, SIDE_DOOR)
        guide.report.picture(desk, "kiosks")
        desk.click(FRONT_DOOR)
        guide.page_shows("one kiosk's health", "Last contact", "Token until")
        guide.report.picture(desk, "kiosk")
        desk.click("Revoke")
        guide.page_shows("what it means, before it is done", "Revoke this kiosk?")
        guide.report.picture(desk, "revoke")
        desk.click("Revoke the kiosk")
        guide.page_shows("the list of the revoked", "Revoked")
        device = _device(guide)
        guide.database_holds("it is revoked", device, holds=device is not None and device.revoked_at is not None)
        view = lobby.kiosk.hand.wait_for("Unpaired", seconds=_REVOKED_S)
        guide.sees(lobby, "it says so", view, "Unpaired", "disconnected")
        guide.report.picture(lobby.kiosk.hand, "revoked")
        ledger = lobby.kiosk.ledger()
        guide.store_holds(lobby, "unpaired, nothing lost", ledger, holds=not ledger.paired and ledger.waiting == 0)


def _device(guide: Guide) -> StoredDevice | None:
    return guide.world.evidence.device(guide.world.cast.site_a, FRONT_DOOR)
