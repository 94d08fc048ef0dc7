"""Colours that can be read, sizes that scale, fonts that say when they are missing."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from kiosk_app.core.journey import Appearance, TextSize, Theme
from kiosk_app.ui.theme.colour import contrast, is_colour, mix, readable_brand, text_on
from kiosk_app.ui.theme.fonts import FAMILIES, FontsMissingError, load_fonts, text_font
from kiosk_app.ui.theme.look import TOUCH_DP, TypeSize, make_look
from kiosk_app.ui.theme.palettes import PRODUCT_BRAND, Mood, palette_of
from kiosk_app.ui.theme.style_sheet import style_sheet

colours = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def test_contrast_by_its_definition() -> None:
    """Black on white is 21, a colour on itself 1, and the order does not matter."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#123456", "#123456") == pytest.approx(1)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", Theme)
def test_every_text_of_every_theme_can_be_read(theme: Theme) -> None:
    """Text and muted text reach 4.5:1 on every surface they stand on, marks 3:1, the strip and the brand as well."""
    palette = palette_of(theme)
    surfaces = [palette.surface, palette.raised, *(palette.mood(mood).surface for mood in Mood)]
    for surface in surfaces:
        assert contrast(palette.text, surface) >= 4.5
        assert contrast(palette.muted, surface) >= 4.5
        assert contrast(palette.brand, surface) >= 3
    for mood in Mood:
        assert contrast(palette.mood(mood).mark, palette.mood(mood).surface) >= 3
    assert contrast(palette.on_brand, palette.brand) >= 4.5
    assert contrast(palette.on_strip, palette.strip) >= 4.5
    assert contrast(palette.text, palette.pressed) >= 4.5
    assert contrast(mix(palette.not_now.mark, palette.text, 0.15), palette.surface) >= 4.5


@given(colours, st.sampled_from([theme for theme in Theme if theme is not Theme.HIGH_CONTRAST]))
def test_any_brand_becomes_readable(brand: str, theme: Theme) -> None:
    """Whatever colour a site chooses, the button's text reaches 4.5:1 and its shape 3:1."""
    palette = palette_of(theme, brand)
    assert contrast(palette.on_brand, palette.brand) >= 4.5
    assert contrast(palette.brand, palette.surface) >= 3


def test_readable_brand_stays_as_it_is() -> None:
    """A colour that reads well is not touched; nonsense gives the product's own; high contrast keeps its own."""
    assert palette_of(Theme.LIGHT, "#1f5f57").brand == "#1f5f57"
    assert readable_brand("url(x)", "#ffffff", PRODUCT_BRAND) == PRODUCT_BRAND
    assert palette_of(Theme.HIGH_CONTRAST, "#123456") == palette_of(Theme.HIGH_CONTRAST)
    assert not is_colour("#12345")
    assert text_on("#ffff00") == "#000000"


def test_brand_cannot_write_style() -> None:
    """A site's colour is a colour or nothing: no text of the server's reaches the style sheet."""
    look = make_look(540, 960, Appearance(), "#fff; } QLabel { image: url(/etc/passwd) ")
    assert "passwd" not in style_sheet(look)


@pytest.mark.parametrize(
    ("size", "px"), [((540, 960), 1.0), ((1080, 1920), 2.0), ((1920, 1080), 2.0), ((200, 200), 0.6)]
)
def test_everything_scales_with_the_short_side(size: tuple[int, int], px: float) -> None:
    """One dp is the short side's 540th, with a floor for windows that are too small for anybody."""
    look = make_look(*size, Appearance())
    assert look.px_per_dp == pytest.approx(px)
    assert look.px(TOUCH_DP) == round(48 * px)
    assert look.px(0.1) == 1


def test_four_sizes_and_three_factors() -> None:
    """Sizes differ, grow with the person's choice, and stop growing where the place is small."""
    normal, largest = (make_look(540, 960, Appearance(text_size=size)) for size in (TextSize.NORMAL, TextSize.LARGEST))
    sizes = [normal.type_px(size) for size in TypeSize]
    assert sizes == sorted(set(sizes), reverse=True)
    assert largest.type_px(TypeSize.BODY) == round(normal.type_px(TypeSize.BODY) * 1.4)
    assert largest.type_px(TypeSize.BODY, cap=1.0) == normal.type_px(TypeSize.BODY)


def test_reduced_motion_takes_no_time() -> None:
    """Transitions last 150 to 300 ms, or none."""
    assert 150 <= make_look(540, 960, Appearance()).motion_ms <= 300
    assert make_look(540, 960, Appearance(reduced_motion=True)).motion_ms == 0


@pytest.mark.parametrize("theme", Theme)
def test_style_sheet_is_well_formed(theme: Theme) -> None:
    """Every brace is closed, and every colour in it is one."""
    sheet = style_sheet(make_look(540, 960, Appearance(theme)))
    assert sheet.count("{") == sheet.count("}")
    assert all(len(colour) == 7 for colour in re.findall(r"#[0-9a-f]{2,}(?=[;\s])", sheet))


def test_fonts_are_there_and_used(qapp: QApplication) -> None:
    """The family is loaded from its package, and text is set in it."""
    load_fonts()
    assert text_font(18).families() == list(FAMILIES)
    assert text_font(18).pixelSize() == 18


def test_missing_fonts_name_the_package(qapp: QApplication, tmp_path: Path) -> None:
    """Without the package the message says which one to install."""
    with pytest.raises(FontsMissingError) as caught:
        load_fonts(tmp_path)
    assert "fonts-noto-core" in str(caught.value)
    assert len(caught.value.paths) == 4
