"""Where the two windows lie: side by side, as large as the screen allows, in the middle of what it leaves. Pure."""

from dataclasses import dataclass
from typing import Final

_KIOSK_PX: Final = (540, 960)
_KIOSK_LEAST_PX: Final = (440, 600)
_PANEL_PX: Final = (820, 960)
_PANEL_LEAST_PX: Final = (780, 640)
_FRAME_PX: Final = 36
"""What a desktop puts on top of a window; it is known only once the window is there."""
_GAP_PX: Final = 6


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of the screen, logical pixels."""

    x: int
    y: int
    width: int
    height: int

    def text(self) -> str:
        """Return it as X11 writes it."""
        return f"{self.width}x{self.height}+{self.x}+{self.y}"


def place(screen: Area) -> tuple[Area, Area]:
    """Return where kiosk and panel go on a screen of which ``screen`` is free."""
    free = screen.height - _FRAME_PX
    panel_width = min(_PANEL_PX[0], max(_PANEL_LEAST_PX[0], screen.width - _KIOSK_PX[0] - 3 * _GAP_PX))
    kiosk_width = min(_KIOSK_PX[0], max(_KIOSK_LEAST_PX[0], screen.width - panel_width - 3 * _GAP_PX))
    kiosk_height = min(_KIOSK_PX[1], max(_KIOSK_LEAST_PX[1], free))
    panel_height = min(_PANEL_PX[1], max(_PANEL_LEAST_PX[1], free))
    left = screen.x + max(0, (screen.width - kiosk_width - _GAP_PX - panel_width) // 2)
    top = screen.y + max(0, (free - kiosk_height) // 2)
    panel_x = min(left + kiosk_width + _GAP_PX, screen.x + max(0, screen.width - panel_width))
    return Area(left, top, kiosk_width, kiosk_height), Area(panel_x, top, panel_width, panel_height)
