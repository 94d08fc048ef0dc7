"""What the journey knows about the place and the person's comfort: site, language, theme, text size, motion."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """Languages that are complete, by their IETF tag."""

    ENGLISH = "en"
    GERMAN = "de"
    ARABIC = "ar"


class Theme(StrEnum):
    """Three themes from the same tokens."""

    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high_contrast"


class TextSize(StrEnum):
    """Three text sizes."""

    NORMAL = "normal"
    LARGE = "large"
    LARGEST = "largest"


@dataclass(frozen=True, slots=True)
class Appearance:
    """How the screen looks for somebody."""

    theme: Theme = Theme.LIGHT
    text_size: TextSize = TextSize.NORMAL
    reduced_motion: bool = False


@dataclass(frozen=True, slots=True)
class Comfort:
    """Language and appearance together: a visitor's choice, or the house's own."""

    language: Language = Language.ENGLISH
    appearance: Appearance = Appearance()


@dataclass(frozen=True, slots=True)
class SiteIdentity:
    """What the screen needs to know of the site. Not secret, kept with the site settings."""

    site_id: str
    site_name: str
    time_zone: str
    """IANA name; people read times in it."""
    tenant_name: str = ""
    brand_colour: str = ""
    """``#rrggbb``, or empty for the product's own."""
    language: Language | None = None
    """The site's first language; None leaves the kiosk's own."""
