"""What every step of the tour needs: the world, the two doors, the report, and how to judge what happened."""

from dataclasses import dataclass
from pathlib import Path

from demo.browser.desk import ENTER, FOUND_S, TAB, Desk
from demo.hand import View
from demo.kiosk import Ledger
from demo.lobby import Lobby
from demo.report import Report
from demo.server import Invitation
from demo.waiting import wait_until
from demo.world import TENANT, World

DRAIN_S = 45.0


@dataclass(slots=True)
class Guide:
    """Walks the tour and notes what each witness says."""

    world: World
    report: Report
    door: Lobby
    second_door: Lobby
    desk: Desk

    def sign_in(self, email: str) -> None:
        """Sign in at the dashboard, by keyboard alone; whoever was there before signs out."""
        if self.desk.says("Sign out"):
            self.desk.click("Sign out")
        else:
            self.desk.open("/sign-in")
        self.desk.wait_for("Organisation")
        self.desk.type(TENANT, TAB)
        self.desk.type(email, TAB)
        self.desk.type(self.world.cast.passwords[email], ENTER)
        self.page_shows(f"{email} is in", "Sign out")

    def page_shows(self, expected: str, *words: str, seconds: float = FOUND_S) -> None:
        """Wait until the dashboard shows all of ``words``, and note whether it did."""
        holds = self.desk.wait_for(*words, seconds=seconds)
        seen = " / ".join(words) if holds else self.desk.read()[:300]
        self.report.found("dashboard", expected, seen, holds=holds)

    def sees(self, lobby: Lobby, expected: str, view: View, screen: str, *words: str) -> None:
        """Note whether the window shows ``screen`` with all of ``words``."""
        missing = [word for word in words if not view.says(word)]
        holds = view.screen == screen and not missing
        self.report.found(
            f"{lobby.name}'s window", expected, f"{view.screen}: {' / '.join(view.texts[:6])}", holds=holds
        )

    def store_holds(self, lobby: Lobby, expected: str, ledger: Ledger, *, holds: bool) -> None:
        """Note what the kiosk's own store says."""
        self.report.found(f"{lobby.name}'s store", expected, ledger, holds=holds)

    def database_holds(self, expected: str, seen: object, *, holds: bool) -> None:
        """Note what the server's database says."""
        self.report.found("database", expected, seen, holds=holds)

    def is_answered(
        self, lobby: Lobby, code: Path, expected: str, screen: str, reason: str, scene: str = "phone"
    ) -> None:
        """Hold up a code that must not open the door: the screen, the logged reason, and nothing consumed."""
        before = lobby.kiosk.ledger()
        view = lobby.hold_up(code, scene)
        self.report.picture(lobby.kiosk.hand, reason.replace("_", "-"))
        self.sees(lobby, expected, view, screen)
        after = lobby.kiosk.ledger()
        holds = after.last_reason == reason and after.used_visits == before.used_visits
        self.store_holds(lobby, f"logged as {reason}, nothing consumed", after, holds=holds)
        lobby.leave()

    def is_admitted(self, lobby: Lobby, invitation: Invitation, scene: str, *, offline: bool) -> None:
        """Hold up a good code: admitted by name, one more visit used, one check-in for the server."""
        before = lobby.kiosk.ledger()
        view = lobby.hold_up(invitation.png, scene)
        self.report.picture(lobby.kiosk.hand, "admitted-offline" if offline else "admitted")
        first_name = invitation.visitor_name.split()[0]
        self.sees(lobby, f"{invitation.visitor_name} is greeted by name, zero taps", view, "Admitted", first_name)
        after = lobby.kiosk.ledger()
        handed = after.waiting + after.acknowledged - before.waiting - before.acknowledged
        holds = after.used_visits == before.used_visits + 1 and handed == 1
        self.store_holds(lobby, "visit used and check-in stored, once", after, holds=holds)
        lobby.leave()

    def wait_for_drain(self, lobby: Lobby) -> None:
        """Wait until nothing waits at ``lobby`` any more, and note whether that came to be."""
        holds = wait_until(lambda: lobby.kiosk.ledger().waiting == 0, DRAIN_S)
        self.store_holds(lobby, "the queue drains by itself", lobby.kiosk.ledger(), holds=holds)

    def wait_for_strip(self, lobby: Lobby, *words: str) -> None:
        """Wait until the staff strip says all of ``words``, and note what it says."""
        seen: list[str | None] = [None]

        def says() -> bool:
            seen[0] = lobby.kiosk.hand.look().strip
            return seen[0] is not None and all(word in seen[0] for word in words)

        holds = wait_until(says, DRAIN_S)
        self.report.found(f"{lobby.name}'s window", f"the staff strip says {' and '.join(words)}", seen[0], holds=holds)

    def wait_for_quiet_strip(self, lobby: Lobby) -> None:
        """Wait until the staff strip has nothing to say, and note it."""
        holds = wait_until(lambda: lobby.kiosk.hand.look().strip is None, DRAIN_S)
        self.report.found(
            f"{lobby.name}'s window", "the staff strip is gone", lobby.kiosk.hand.look().strip, holds=holds
        )
