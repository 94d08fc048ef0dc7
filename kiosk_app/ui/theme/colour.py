"""Contrast by WCAG 2.2, and brand colours made readable. Pure: colours are ``#rrggbb`` strings."""

import colorsys
import re

TEXT_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: text against its background."""
SHAPE_CONTRAST = 3.0
"""WCAG 2.2, 1.4.11: a control's shape against what is around it."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_STEPS = 100


def is_colour(text: str) -> bool:
    """Whether ``text`` is a colour this module understands."""
    return _HEX.fullmatch(text) is not None


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(fill: str) -> str:
    """Return black or white, whichever reads better on ``fill``; one of them always reaches 4.5:1."""
    return max(("#ffffff", "#000000"), key=lambda ink: contrast(ink, fill))


def readable_brand(brand: str, surface: str, fallback: str) -> str:
    """Return ``brand`` as near as it can stay while it works as a button on ``surface``.

    White text on it must reach 4.5:1 on a light surface, black on a dark one, and its shape 3:1 against the surface.
    Only the lightness is moved, in steps of a hundredth, so that a brand stays recognisable. Both bounds can always be
    met: they pull in the same direction, away from the surface.

    Args:
        brand: the site's colour; anything that is not ``#rrggbb`` gives ``fallback``.
        surface: what the button stands on.
        fallback: the product's own colour, adjusted in the same way.
    """
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(brand if is_colour(brand) else fallback))
    ink = text_on_surface_button(surface)
    towards = -1.0 if ink == "#ffffff" else 1.0
    for step in range(_STEPS + 1):
        moved = min(1.0, max(0.0, lightness + towards * step / _STEPS))
        candidate = _hex(colorsys.hls_to_rgb(hue, moved, saturation))
        if contrast(candidate, ink) >= TEXT_CONTRAST and contrast(candidate, surface) >= SHAPE_CONTRAST:
            return candidate
    return "#000000" if towards < 0 else "#ffffff"


def text_on_surface_button(surface: str) -> str:
    """Return the text colour of a filled button on ``surface``: white on light surfaces, black on dark ones."""
    return "#ffffff" if _luminance(surface) > 0.4 else "#000000"


def mix(first: str, second: str, share: float) -> str:
    """Return ``share`` (0 to 1) of ``second`` mixed into ``first``."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    red, green, blue = (a + (b - a) * share for a, b in pairs)
    return _hex((red, green, blue))


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)


def _luminance(colour: str) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
