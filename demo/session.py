"""The live demo at work: does what the panel wishes, one thing after the other, and tells it how things stand.

Everything happens in the demo's main thread, where Ctrl-C arrives. While one wish is fulfilled others are dropped: they
were made in another situation.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from demo.disk import Disk
from demo.interrupts import raise_if_pending
from demo.kiosk import Kiosk
from demo.offers import Offers
from demo.panel.link import PanelLink
from demo.panel.messages import Access, Do, Situation, Wish
from demo.server import CommandError
from demo.visitor.stage import VisitorStage
from demo.world import TENANT, World
from demo.wrong_clock import WrongClock

HELD_S: Final = 8.0
"""How long a visitor holds a code up before leaving by themselves."""
_PAUSE_S: Final = 0.2
_SCENES: Final = {"phone": "phone", "paper": "paper-tilted"}
_HOUR_S: Final = 3600
CLOCK_MOVES: Final = ("back", "forward", "1970", "right")


@dataclass(slots=True)
class Props:
    """What the session works on. Without ``disk`` or ``clock`` this machine does not allow it."""

    world: World
    stage: VisitorStage | None
    """None: a real camera looks, and people hold things up."""
    kiosk: Kiosk
    link: PanelLink
    offers: Offers
    access: Access
    disk: Disk | None
    clock: WrongClock | None
    window: str = ""
    """Where the kiosk's window goes, as its ``--window`` takes it."""


class Session:
    """Fulfils wishes until somebody closes one of the windows."""

    def __init__(self, props: Props, panel_is_open: Callable[[], bool]) -> None:
        self.props = props
        self._panel_is_open = panel_is_open
        self._held_until_s = 0.0
        self._situation = Situation(
            offers=props.offers.all(),
            access=props.access,
            power_note=""
            if props.disk
            else "Here it only kills: dropping unsynced pages needs root and a loop device.",
            clock_note="" if props.clock else "The clock cannot be moved here: that needs a C compiler (tcc or gcc).",
            camera_note="" if props.stage else "Show the picture to the camera, from a phone or printed.",
        )
        self._deeds: dict[Do, Callable[[Wish], None]] = {
            Do.HELLO: lambda _: None,
            Do.HOLD_UP: self._hold_up,
            Do.PUT_AWAY: lambda _: self._put_away(),
            Do.CUT_NETWORK: lambda _: self._cut_network(),
            Do.MEND_NETWORK: lambda _: self._mend_network(),
            Do.STOP_SERVER: lambda _: self._stop_server(),
            Do.START_SERVER: lambda _: self._start_server(),
            Do.KILL_KIOSK: lambda _: self._kill_kiosk(),
            Do.PULL_POWER: lambda _: self._pull_power(),
            Do.MOVE_CLOCK: self._move_clock,
            Do.NEW_DIGITS: self._open_again,
        }

    @property
    def situation(self) -> Situation:
        """How things stand, as the panel was told."""
        return self._situation

    def open_kiosk(self) -> str:
        """Open a pairing window and start the kiosk with its address; return the six digits."""
        props = self.props
        self._say(busy="Opening a pairing window.")
        window = props.world.server.open_window(TENANT, props.world.cast.site_a)
        props.kiosk.options = ("--setup-code", window.setup_code, "--window", props.window)
        props.kiosk.stop()
        props.kiosk.start()
        self._say(busy="", digits=window.digits, remark="The kiosk's window is open. Type the six digits there.")
        return window.digits

    def run(self) -> None:
        """Work until the panel or the kiosk's window is closed."""
        while self._panel_is_open() and self.props.kiosk.is_running():
            raise_if_pending()
            wish = self.props.link.hear(_PAUSE_S)
            if wish is not None:
                self.fulfil(wish)
            else:
                self._look_around()

    def fulfil(self, wish: Wish) -> None:
        """Do what is asked; what the server refuses is told and harms nothing."""
        try:
            self._deeds[wish.do](wish)
        except CommandError as error:
            self._say(remark=f"That did not work. {str(error).splitlines()[0][:160]}")
        finally:
            # Also the answer to a panel that has just come: it is told how things stand.
            self._say(busy="")
            self.props.link.forget()

    def _open_again(self, _wish: Wish) -> None:
        self.open_kiosk()

    def _look_around(self) -> None:
        """See what changed by itself, and prepare another code while there is nothing else to do."""
        if self._situation.held and time.monotonic() >= self._held_until_s:
            self._say(held="")
        if self._situation.digits and self.props.kiosk.ledger().paired:
            self._say(digits="", remark="Connected. Now hold up a code, and watch its row below.")
        if not self.props.offers.is_done and self._situation.server_runs:
            self.props.offers.make_next()
            self._say()

    def _hold_up(self, wish: Wish) -> None:
        props = self.props
        if wish.what == "new":
            self._say(busy="Registering a visitor.")
        picture = props.offers.picture(wish.what)
        if picture is None:
            return
        title = next(offer.title for offer in props.offers.all() if offer.key == wish.what)
        if props.stage is None:
            self._say(held=wish.what, picture=str(picture), remark=self._situation.camera_note)
            return
        props.stage.show(picture, _SCENES.get(wish.prop, "phone"), HELD_S)
        self._held_until_s = time.monotonic() + HELD_S
        self._say(held=wish.what, remark=f"{title}: before the camera for {HELD_S:.0f} seconds.")

    def _put_away(self) -> None:
        if self.props.stage is not None:
            self.props.stage.show_empty()
        self._say(held="", picture="", remark="Nobody stands before the camera.")

    def _cut_network(self) -> None:
        self.props.world.cable.cut()
        remark = "Network cut. Visitors are admitted all the same; their rows stop at green."
        if self._situation.digits:
            remark = "Network cut. A kiosk that was never connected needs it: mend it first."
        self._say(network_is_cut=True, remark=remark)

    def _mend_network(self) -> None:
        self.props.world.cable.mend()
        self._say(
            network_is_cut=False,
            remark="Network mended. What waits is handed over at the kiosk's next try, within half a minute.",
        )

    def _stop_server(self) -> None:
        self._say(busy="Stopping the server and its database.")
        self.props.world.server.stop()
        self._say(server_runs=False, remark="The server is away. To the kiosk that is the same as no network.")

    def _start_server(self) -> None:
        self._say(busy="Starting the server.")
        self.props.world.server.start()
        self._say(server_runs=True, remark="The server is back. What waits is handed over at the kiosk's next try.")

    def _kill_kiosk(self) -> None:
        durable = self._durable()
        self._say(kiosk_runs=False, busy="Killed. Starting the kiosk again.")
        self.props.kiosk.kill()
        self._start_again()
        self._say(kiosk_runs=True, remark=f"SIGKILL, started again: {self._kept(durable)}.")

    def _pull_power(self) -> None:
        disk, durable = self.props.disk, self._durable()
        self._say(kiosk_runs=False, busy="Power pulled. Starting the kiosk again.")
        # Nothing can be written back between the two: the kernel leaves dirty pages alone for seconds.
        self.props.kiosk.kill()
        if disk is not None:
            disk.pull_power()
            disk.give_power()
        self._start_again()
        what = "Killed, unsynced pages dropped" if disk else "Killed; its disk kept everything"
        self._say(kiosk_runs=True, remark=f"{what}, started again: {self._kept(durable)}.")

    def _start_again(self) -> None:
        self.props.kiosk.start()

    def _durable(self) -> int:
        """Return how many check-ins the kiosk's own store holds, whatever became of them since."""
        ledger = self.props.kiosk.ledger()
        return ledger.waiting + ledger.acknowledged + ledger.parked

    def _kept(self, before: int) -> str:
        if before == 0:
            return "there was no check-in to lose yet"
        return f"{self._durable()} of {before} durable check-ins are there"

    def _move_clock(self, wish: Wish) -> None:
        clock = self.props.clock
        if clock is None or wish.what not in CLOCK_MOVES:
            return
        now_s = int(datetime.now(UTC).timestamp())
        off_s = {"back": -_HOUR_S, "forward": _HOUR_S, "1970": -now_s, "right": 0}[wish.what]
        clock.move(off_s)
        if off_s:
            remark = "This kiosk's wall clock is wrong now; it goes by signed server time. Hold up a code."
        else:
            remark = "The wall clock is right again. The next signed server time settles any doubt."
        self._say(clock_off_s=off_s, remark=remark)

    def _say(self, **changes: object) -> None:
        """Tell the panel the situation with these members changed."""
        offers = self.props.offers.all()
        self._situation = replace(self._situation, offers=offers, **changes)  # type: ignore[arg-type]
        self.props.link.tell(self._situation)
