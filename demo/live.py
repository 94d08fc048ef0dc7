"""The demo with a display: the kiosk's window, and beside it a panel that makes things happen.

Without a camera a simulated visitor holds up codes when told to; with one, the panel shows the code to be photographed.
Closing either window or Ctrl-C ends everything.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

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
    with live_session(folder, camera) as (session, panel):
        digits = session.open_kiosk()
        print("\nTwo windows are open: the kiosk, and beside it the demo panel.")
        print(f"Connect the kiosk first: type {digits} on its keypad.")
        print("Then let the panel hold up a code, cut the network, hold up another one, mend it.")
        print("Closing one of the windows, or Ctrl-C here, ends everything.", flush=True)
        session.run()
        if not panel.is_running():
            print("The panel was closed.", flush=True)


@contextmanager
def live_session(folder: Path, camera: str | None, *, offscreen: bool = False) -> Iterator[tuple[Session, Child]]:
    """Bring up everything but the kiosk's window; yield the session and the panel's process."""
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
        panel = _open_panel(folder, link, kiosk, offscreen=offscreen)
        closing.callback(panel.stop)
        closing.callback(kiosk.stop)
        props = Props(world, stage, kiosk, link, Offers(world), _admin(world), disk, clock, _greet(link, panel))
        yield Session(props, panel.is_running), panel


def _open_panel(folder: Path, link: PanelLink, kiosk: Kiosk, *, offscreen: bool) -> Child:
    command = [sys.executable, "-m", "demo.panel", str(link.path), str(kiosk.hand_path)]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"} | ({"QT_QPA_PLATFORM": "offscreen"} if offscreen else {})
    return Child("the demo panel", command, folder / "panel.log", environment)


def _greet(link: PanelLink, panel: Child) -> str:
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
