"""How the window looks at this moment: palette, sizes, motion. Handed to every widget that paints or lays out."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk_app.core.journey import Appearance, TextSize
from kiosk_app.ui.theme.palettes import Palette, palette_of

SHORT_SIDE_DP = 540.0
"""The design's short side in dp: 1080 pixels of the designed-for screens are 540 dp, so one dp is two pixels there."""
TOUCH_DP = 48.0
"""The least height and width of anything to be touched."""
_LEAST_PX_PER_DP = 0.6

MOTION_MS = 220
"""Every transition, within the 150 to 300 ms that read as calm and not as slow."""


class TypeSize(StrEnum):
    """The four text sizes, and no other."""

    DISPLAY = "display"
    TITLE = "title"
    BODY = "body"
    CAPTION = "caption"


_TYPE_DP = {TypeSize.DISPLAY: 38.0, TypeSize.TITLE: 25.0, TypeSize.BODY: 18.0, TypeSize.CAPTION: 14.0}
_TEXT_FACTOR = {TextSize.NORMAL: 1.0, TextSize.LARGE: 1.2, TextSize.LARGEST: 1.4}


@dataclass(frozen=True, slots=True)
class Look:
    """One consistent look. ``px_per_dp`` follows the window's short side, ``text_factor`` the person's eyes."""

    palette: Palette
    px_per_dp: float
    text_factor: float
    reduced_motion: bool

    def px(self, dp: float) -> int:
        """Return ``dp`` in pixels, at least one."""
        return max(1, round(dp * self.px_per_dp))

    def type_px(self, size: TypeSize, *, cap: float = 2.0) -> int:
        """Return the pixel size of a text; ``cap`` bounds the person's factor where the place is small."""
        return self.px(_TYPE_DP[size] * min(self.text_factor, cap))

    @property
    def motion_ms(self) -> int:
        """How long a transition takes: 0 with reduced motion."""
        return 0 if self.reduced_motion else MOTION_MS


def make_look(width_px: int, height_px: int, appearance: Appearance, brand_colour: str = "") -> Look:
    """Return the look of a window of that size (logical pixels) for a person's appearance and a site's brand."""
    px_per_dp = max(_LEAST_PX_PER_DP, min(width_px, height_px) / SHORT_SIDE_DP)
    return Look(
        palette_of(appearance.theme, brand_colour),
        px_per_dp,
        _TEXT_FACTOR[appearance.text_size],
        appearance.reduced_motion,
    )
