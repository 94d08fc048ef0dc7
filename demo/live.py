"""The demo with a display: the kiosk's window is open, and the terminal says what to try.

Without a camera a simulated visitor holds up codes when told to; with one, the codes lie in a folder, to be shown from
a phone or printed.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from demo import forgery
from demo.kiosk import Kiosk
from demo.visitor.stage import VisitorStage
from demo.world import TENANT, World

_SHOWN_S = 8.0


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to try: what to type, what it does."""

    key: str
    says: str
    does: Callable[[], object]


def run_live(folder: Path, camera: str | None) -> None:
    """Run until the kiosk's window is closed or the terminal says ``q``. ``camera`` None: simulated visitors."""
    print("Starting PostgreSQL, the server and its tenant.", flush=True)
    with World(folder) as world, VisitorStage() as stage:
        window = world.server.open_window(TENANT, world.cast.site_a)
        kiosk = Kiosk(
            folder / "kiosk-1",
            camera or f"mjpeg:{stage.url}",
            ("--setup-code", window.setup_code, "--window", "540x960"),
            offscreen=False,
        )
        try:
            kiosk.start()
            print(f"\nThe kiosk's window is open. Connect it: type {window.digits} on its keypad.")
            print(f"All codes are pictures in {world.codes}.")
            _converse(_actions(world, stage, kiosk), kiosk)
        finally:
            kiosk.stop()


def _actions(world: World, stage: VisitorStage, kiosk: Kiosk) -> list[Action]:
    now = int(datetime.now(UTC).timestamp())
    ada = world.invite("Ada Lovelace")
    grete = world.invite("Grete Hermann")
    early = world.invite("Emmy Noether", arrival=timedelta(hours=5))
    other = world.invite("Lise Meitner", site=world.cast.site_b)
    tampered = forgery.write_visit_code(forgery.tampered(ada.token), world.codes / "tampered.png")
    unknown_token = forgery.by_unknown_key(world.cast.site_a, now - 600, now + 7200)
    unknown = forgery.write_visit_code(unknown_token, world.codes / "unknown-key.png")
    foreign = forgery.write_symbol(forgery.FOREIGN_TEXT, world.codes / "foreign.png")

    def showing(code: Path, scene: str) -> Callable[[], object]:
        return lambda: stage.show(code, scene, _SHOWN_S)

    def kill_and_restart() -> None:
        kiosk.kill()
        kiosk.start()

    return [
        Action("1", "Ada shows her phone", showing(ada.png, "phone")),
        Action("2", "Grete shows a printout (try it with the server stopped)", showing(grete.png, "paper-tilted")),
        Action("3", "a tampered code", showing(tampered, "phone-tilted")),
        Action("4", "an early visitor", showing(early.png, "phone-perspective")),
        Action("5", "a visitor of the other site", showing(other.png, "paper")),
        Action("6", "a code by an unknown key", showing(unknown, "phone")),
        Action("7", "somebody else's symbol", showing(foreign, "paper")),
        Action("s", "stop the server", world.server.stop),
        Action("b", "bring the server back", world.server.start),
        Action("k", "kill the kiosk (SIGKILL) and start it again", kill_and_restart),
    ]


def _converse(actions: list[Action], kiosk: Kiosk) -> None:
    by_key = {action.key: action for action in actions}
    menu = "\n".join(f"  {action.key}  {action.says}" for action in actions) + "\n  q  quit"
    print(f"\nWhat to try:\n{menu}", flush=True)
    # Without a terminal to type at, the demo lasts as long as the kiosk's window.
    while kiosk.is_running():
        print("> ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            kiosk.wait()
            return
        choice = line.strip().lower()
        if choice == "q":
            return
        if choice in by_key:
            by_key[choice].does()
        elif choice:
            print(menu)
