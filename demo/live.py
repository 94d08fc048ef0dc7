"""The demo with a display: the kiosk's window, and beside it a panel that makes things happen.

Without a camera a simulated visitor holds up codes when told to; with one, the panel shows the code to be photographed.
Closing either window or Ctrl-C ends everything.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Protocol

from demo.children import Child
from demo.disk import Disk
from demo.kiosk import Kiosk
from demo.offers import Offers
from demo.panel.link import PanelLink
from demo.panel.messages import Access, Do
from demo.panel.placing import Area, place
from demo.session import Props, Session
from demo.visitor.stage import VisitorStage
from demo.world import TENANT, World
from demo.wrong_clock import WrongClock

_PANEL_S: Final = 60.0
_ADMIN: Final = "tessa@lindenhof.example"


def run_live(folder: Path, camera: str | None) -> None:
    """Run until one of the windows is closed. ``camera`` None: simulated visitors."""
    print("Starting PostgreSQL, the server and its tenant.", flush=True)
    with live_session(folder, camera, open_panel) as (session, panel):
        digits = session.open_kiosk()
        print("\nTwo windows are open: the kiosk, and beside it the demo panel.")
        print(f"Connect the kiosk first: type {digits} on its keypad.")
        print("Then let the panel hold up a code, cut the network, hold up another one, mend it.")
        print("Closing one of the windows, or Ctrl-C here, ends everything.", flush=True)
        session.run()
        if not panel.is_running():
            print("The panel was closed.", flush=True)


class Panel(Protocol):
    """The panel as the demo sees it: a process."""

    def is_running(self) -> bool:
        """Whether its window is open."""

    def expect(self, what: str, condition: Callable[[], bool], seconds: float) -> None:
        """Wait until ``condition`` holds. Raises ChildError where it does not."""

    def stop(self) -> int:
        """Close it."""


@contextmanager
def live_session(
    folder: Path, camera: str | None, open_panel: Callable[[Path, Path, Path], Panel], *, offscreen: bool = False
) -> Iterator[tuple[Session, Panel]]:
    """Bring up everything but the kiosk's window; yield the session and the panel.

    Args:
        folder: for everything that the demo writes.
        camera: as the kiosk takes it; None: simulated visitors.
        open_panel: opens a panel, given the folder for its log, the demo's socket and the kiosk's.
        offscreen: whether the kiosk does without a display.
    """
    with ExitStack() as closing:
        world = closing.enter_context(World(folder))
        stage = None if camera else closing.enter_context(VisitorStage())
        link = closing.enter_context(PanelLink(folder / "panel"))
        disk = Disk.make(folder)
        if disk is not None:
            closing.callback(disk.close)
        clock = WrongClock.build(folder)
        kiosk = Kiosk(
            folder / "kiosk-1",
            camera or f"mjpeg:{'' if stage is None else stage.url}",
            environment=None if clock is None else clock.environment,
            home=None if disk is None else disk.root,
            offscreen=offscreen,
        )
        panel = open_panel(folder, link.path, kiosk.hand_path)
        closing.callback(panel.stop)
        closing.callback(kiosk.stop)
        props = Props(world, stage, kiosk, link, Offers(world), _admin(world), disk, clock, _greet(link, panel))
        yield Session(props, panel.is_running), panel


def open_panel(folder: Path, link: Path, hand: Path) -> Child:
    """Start the panel's process."""
    command = [sys.executable, "-m", "demo.panel", str(link), str(hand)]
    return Child("the demo panel", command, folder / "panel.log", os.environ | {"PYTHONUNBUFFERED": "1"})


def _greet(link: PanelLink, panel: Panel) -> str:
    """Wait for the panel and return where the kiosk's window goes beside it, as ``--window`` takes it."""
    screens: list[Area] = []

    def greeted() -> bool:
        wish = link.hear(0)
        if wish is not None and wish.do is Do.HELLO:
            screens.append(Area(*(int(part) for part in wish.what.split(","))))
        return bool(screens)

    panel.expect("greet the demo", greeted, _PANEL_S)
    return place(screens[0])[0].text()


def _admin(world: World) -> Access:
    """Make somebody who may see and do everything on the dashboard."""
    answer = world.server.command(
        "user", "create", "--tenant", TENANT, "--email", _ADMIN, "--name", "Tessa Admin", "--role", "tenant_admin"
    )
    # Past the cable, which carries requests and no endless streams, and may be cut.
    notice = json.loads((world.server.data / "server.json").read_text())
    return Access(notice["url"], _ADMIN, answer["password"])
