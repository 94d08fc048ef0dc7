"""The colour tokens of the three themes. A test holds every pair that carries text to 4.5:1."""

from dataclasses import dataclass, replace
from enum import StrEnum

from kiosk_app.core.journey import Theme
from kiosk_app.ui.theme.colour import readable_brand, text_on

PRODUCT_BRAND = "#1f5f57"
"""The product's own colour, where the site names none."""


class Mood(StrEnum):
    """What a screen means, said by colour and always also by shape and words."""

    CALM = "calm"
    WELCOME = "welcome"
    LOOK = "look"
    NOT_NOW = "not_now"


@dataclass(frozen=True, slots=True)
class MoodColours:
    """A whole screen's surface in that mood, and the strong colour of its mark. Text on ``surface`` is the theme's."""

    surface: str
    mark: str


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme. ``text`` and ``muted`` read on ``surface``, ``raised`` and every mood's surface."""

    surface: str
    raised: str
    pressed: str
    text: str
    muted: str
    line: str
    brand: str
    on_brand: str
    focus: str
    strip: str
    on_strip: str
    calm: MoodColours
    welcome: MoodColours
    look: MoodColours
    not_now: MoodColours
    line_dp: float = 1.0
    """How thick outlines are."""

    def mood(self, mood: Mood) -> MoodColours:
        """Return the colours of ``mood``."""
        by_mood = {
            Mood.CALM: self.calm,
            Mood.WELCOME: self.welcome,
            Mood.LOOK: self.look,
            Mood.NOT_NOW: self.not_now,
        }
        return by_mood[mood]


_LIGHT = Palette(
    surface="#f7f5f0",
    raised="#ffffff",
    pressed="#e9e6de",
    text="#1c2320",
    muted="#545d58",
    line="#d5d2c8",
    brand=PRODUCT_BRAND,
    on_brand="#ffffff",
    focus="#1c2320",
    strip="#fbe7bd",
    on_strip="#4f3500",
    calm=MoodColours("#f7f5f0", "#545d58"),
    welcome=MoodColours("#e6f3ea", "#1d7a47"),
    look=MoodColours("#fcf1db", "#9a6200"),
    not_now=MoodColours("#fbebe5", "#b04a33"),
)

_DARK = Palette(
    surface="#141917",
    raised="#202724",
    pressed="#2d3632",
    text="#eef2ef",
    muted="#a9b4ae",
    line="#3b4541",
    brand="#6fc3b6",
    on_brand="#000000",
    focus="#eef2ef",
    strip="#4a3708",
    on_strip="#ffe2a3",
    calm=MoodColours("#141917", "#a9b4ae"),
    welcome=MoodColours("#0f2418", "#5fd394"),
    look=MoodColours("#2a2008", "#f0b84a"),
    not_now=MoodColours("#2d1813", "#f0937c"),
)

_HIGH_CONTRAST = Palette(
    surface="#000000",
    raised="#000000",
    pressed="#333333",
    text="#ffffff",
    muted="#ffffff",
    line="#ffffff",
    brand="#ffe14d",
    on_brand="#000000",
    focus="#4de1ff",
    strip="#ffe14d",
    on_strip="#000000",
    calm=MoodColours("#000000", "#ffffff"),
    welcome=MoodColours("#000000", "#5dff9b"),
    look=MoodColours("#000000", "#ffe14d"),
    not_now=MoodColours("#000000", "#ff9d85"),
    line_dp=2.0,
)

_THEMES = {Theme.LIGHT: _LIGHT, Theme.DARK: _DARK, Theme.HIGH_CONTRAST: _HIGH_CONTRAST}


def palette_of(theme: Theme, brand_colour: str = "") -> Palette:
    """Return the theme's colours with the site's brand, made readable. High contrast keeps its own brand colour."""
    palette = _THEMES[theme]
    if theme is Theme.HIGH_CONTRAST or not brand_colour:
        return palette
    brand = readable_brand(brand_colour, palette.surface, palette.brand)
    return replace(palette, brand=brand, on_brand=text_on(brand))
