"""One door: a kiosk, the camera that films whoever stands before it, and what a visitor does there."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from demo.hand import View
from demo.kiosk import Kiosk
from demo.visitor.stage import VisitorStage
from demo.waiting import wait_for_seconds

RESULTS = ("Admitted", "Declined", "AskReception")
_VERDICT_S = 60.0
_OUT_OF_SIGHT_S = 1.7
"""The kiosk takes one code again only after it was out of sight for 1.5 s."""


@dataclass(slots=True)
class Lobby:
    """A kiosk with its simulated visitors. Use as a context manager: leaving it stops both."""

    name: str
    stage: VisitorStage
    kiosk: Kiosk

    def __enter__(self) -> Self:
        self.stage.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kiosk.stop()
        self.stage.stop()

    def wait_until_ready(self, seconds: float = 30.0) -> View:
        """Wait for the welcome screen."""
        return self.kiosk.hand.wait_for("Ready", seconds=seconds)

    def hold_up(self, code: Path, scene: str = "phone") -> View:
        """Hold a code before the camera and return the screen that answers it."""
        self.stage.show(code, scene)
        try:
            return self.kiosk.hand.wait_for(*RESULTS, seconds=_VERDICT_S)
        finally:
            self.stage.show_empty()

    def leave(self) -> None:
        """Press the result away, go, and let the camera see nobody for a while."""
        if self.kiosk.hand.look().screen in RESULTS:
            self.kiosk.hand.tap("done")
        self.wait_until_ready()
        wait_for_seconds(_OUT_OF_SIGHT_S)
