"""The one style sheet, generated from the tokens. Fonts are set by the labels, which fit themselves to their place."""

from kiosk_app.ui.theme.colour import mix
from kiosk_app.ui.theme.look import TOUCH_DP, Look
from kiosk_app.ui.theme.palettes import Mood


def style_sheet(look: Look) -> str:
    """Return the whole window's style sheet for ``look``. Widgets are addressed by dynamic properties, not by class."""
    return _surfaces(look) + _texts(look) + _buttons(look) + _fields(look)


def _surfaces(look: Look) -> str:
    palette = look.palette
    moods = "".join(f'#root[mood="{mood}"] {{ background: {palette.mood(mood).surface}; }}\n' for mood in Mood)
    line = look.px(palette.line_dp)
    return (
        moods
        + f"""
#staff-strip {{ background: {palette.strip}; }}
#sheet, #keyboard {{ background: {palette.raised}; border: {line}px solid {palette.line};
    border-radius: {look.px(24)}px; }}
#finger-scroll, #finger-scroll-inside {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: {look.px(6)}px; margin: 0px; }}
QScrollBar::handle:vertical {{ background: {palette.line}; border-radius: {look.px(3)}px;
    min-height: {look.px(24)}px; }}
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical {{ height: 0px; }}
#facts {{ background: {palette.raised}; border: {line}px solid {palette.line}; border-radius: {look.px(18)}px; }}
"""
    )


def _texts(look: Look) -> str:
    palette = look.palette
    return f"""
QLabel {{ color: {palette.text}; background: transparent; }}
QLabel[tone="muted"] {{ color: {palette.muted}; }}
QLabel[tone="strip"] {{ color: {palette.on_strip}; }}
QLabel[tone="not_now"] {{ color: {mix(palette.not_now.mark, palette.text, 0.15)}; }}
"""


def _buttons(look: Look) -> str:
    palette, touch = look.palette, look.px(TOUCH_DP)
    line, focus, radius = look.px(palette.line_dp), look.px(3), look.px(16)
    pressed_brand = mix(palette.brand, palette.on_brand, 0.18)
    return f"""
QPushButton {{ color: {palette.text}; background: {palette.raised}; border: {line}px solid {palette.line};
    border-radius: {radius}px; padding: {look.px(6)}px {look.px(16)}px;
    min-height: {touch - 2 * (look.px(6) + line)}px; min-width: {look.px(TOUCH_DP - 34)}px; }}
QPushButton:pressed {{ background: {palette.pressed}; }}
QPushButton:focus {{ border: {focus}px solid {palette.focus}; }}
QPushButton:disabled {{ color: {mix(palette.text, palette.surface, 0.5)}; background: transparent; }}
QPushButton[kind="primary"] {{ color: {palette.on_brand}; background: {palette.brand};
    border: {line}px solid {palette.brand}; }}
QPushButton[kind="primary"]:pressed {{ background: {pressed_brand}; }}
QPushButton[kind="primary"]:focus {{ border: {focus}px solid {palette.focus}; }}
QPushButton[kind="primary"]:disabled {{ color: {mix(palette.text, palette.surface, 0.5)};
    background: {mix(palette.surface, palette.text, 0.08)}; border: {line}px solid {palette.line}; }}
QPushButton[kind="quiet"] {{ background: transparent; border: {line}px solid transparent; }}
QPushButton[kind="quiet"]:focus {{ border: {focus}px solid {palette.focus}; }}
QPushButton[kind="option"] {{ padding: {look.px(6)}px {look.px(8)}px; }}
QPushButton[kind="key"] {{ padding: 0px; min-width: 0px; border-radius: {look.px(14)}px; }}
QPushButton[kind="letter"] {{ padding: 0px; min-width: 0px; min-height: {touch - 2 * line}px;
    border-radius: {look.px(8)}px; }}
QPushButton:checked {{ color: {palette.on_brand}; background: {palette.brand}; border-color: {palette.brand}; }}
"""


def _fields(look: Look) -> str:
    palette = look.palette
    line = look.px(palette.line_dp)
    return f"""
QLineEdit {{ color: {palette.text}; background: {palette.raised}; border: {line}px solid {palette.line};
    border-radius: {look.px(14)}px; padding: 0px {look.px(14)}px; min-height: {look.px(TOUCH_DP + 4)}px;
    selection-background-color: {palette.brand}; selection-color: {palette.on_brand};
    placeholder-text-color: {palette.muted}; }}
QLineEdit:focus {{ border: {look.px(2)}px solid {palette.brand}; }}
QLineEdit:disabled {{ color: {palette.muted}; }}
"""
