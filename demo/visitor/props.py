"""What a visitor holds up: a phone with a ticket on its screen, or a printed sheet, each with the code and a hand."""

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from demo.visitor.canvas import (
    Box,
    Colour,
    Mask,
    Picture,
    as_mask,
    box_painted,
    filled,
    mixed,
    painted,
    rounded_mask,
    softened,
    write,
    write_centred,
)
from demo.visitor.scenes import Scene

_SKINS: tuple[Colour, ...] = ((150, 178, 222), (112, 146, 196), (72, 98, 148), (48, 66, 104))
_INK: Colour = (52, 44, 40)
_PALE_INK: Colour = (150, 142, 136)
_BRAND: Colour = (122, 84, 30)

_WIDTH, _HEIGHT = 1320, 3000  # Room below for the arms.
_PHONE: Box = (220, 70, 1100, 1910)
_SHEET: Box = (60, 120, 1260, 1820)


@dataclass(frozen=True, slots=True)
class Prop:
    """A flat picture of what is held up, with the hand.

    Attributes:
        picture: the colours.
        opacity: where it covers the lobby.
        shine: where a streak of glare may lie: the glass or the sheet.
        body: the phone or the sheet itself, which the scene's height means.
    """

    picture: Picture = field(repr=False)
    opacity: Mask = field(repr=False)
    shine: Mask = field(repr=False)
    body: Box


def load_code(path: Path) -> Picture:
    """Read a code's picture, quiet zone included, as grey.

    Raises:
        ValueError: the file is no picture.
    """
    code = cv2.imdecode(np.frombuffer(path.read_bytes(), dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
    if code is None:
        raise ValueError(f"{path} is no picture")
    return np.asarray(code, dtype=np.uint8)


def make_prop(code: Picture, scene: Scene, seed: int) -> Prop:
    """Draw what ``scene`` holds up, with ``code`` on it."""
    return _phone(code, scene, seed) if scene.prop == "phone" else _sheet(code, scene, seed)


def _phone(code: Picture, scene: Scene, seed: int) -> Prop:
    screen_box = (_PHONE[0] + 26, _PHONE[1] + 26, _PHONE[2] - 26, _PHONE[3] - 26)
    rim_box = (_PHONE[0] + 7, _PHONE[1] + 7, _PHONE[2] - 7, _PHONE[3] - 7)
    left, top, right, bottom = screen_box
    glass = rounded_mask(_WIDTH, _HEIGHT, screen_box, 96)
    skin = _skin(scene, seed)
    picture, opacity = _bare()
    _hand_behind(picture, opacity, skin)
    picture = box_painted(picture, _PHONE, 120, (58, 54, 52))
    picture = box_painted(picture, rim_box, 114, (22, 20, 20))
    shown = np.zeros_like(picture)
    shown[top:bottom, left:right] = _on_screen(code, right - left, bottom - top)
    picture = painted(picture, glass, (shown * scene.screen).astype(np.uint8))
    opacity = np.maximum(opacity, rounded_mask(_WIDTH, _HEIGHT, _PHONE, 120))
    _thumb_in_front(picture, opacity, skin)
    return Prop(picture, opacity, glass, _PHONE)


def _on_screen(code: Picture, width: int, height: int) -> Picture:
    """Return what the phone shows: a picture of a phone's own shape as it is, a code in the ticket's app."""
    if code.shape[0] < 2 * code.shape[1]:
        return _ticket_app(code, width, height)
    fitting = cv2.resize(code, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(fitting, cv2.COLOR_GRAY2BGR), np.uint8)


def _ticket_app(code: Picture, width: int, height: int) -> Picture:
    """The ticket as a phone shows it: a bar with the time, a card, the code on white, and what to do."""
    app = filled(width, height, (246, 243, 240))
    app = box_painted(app, (width // 2 - 118, 30, width // 2 + 118, 96), 33, (12, 12, 12))
    write(app, "9:41", (70, 82), 44, _INK, 600)
    app = box_painted(app, (width - 140, 50, width - 66, 84), 10, _INK)
    app = box_painted(app, (36, 150, width - 36, height - 200), 44, (255, 255, 255))
    app = box_painted(app, (36, 150, width - 36, 420), 44, _BRAND)
    app[340:420, 36 : width - 36] = 255
    app[300:340, 36 : width - 36] = _BRAND
    write(app, "Visit pass", (84, 235), 62, (255, 255, 255), 700)
    write(app, "Valid today", (84, 302), 38, (226, 214, 200))
    side = width - 100
    app[400 : 400 + side, 50 : 50 + side] = _scaled(code, side)
    write_centred(app, "Hold this code in front", 400 + side + 90, 44, _INK, 600)
    write_centred(app, "of the camera at the door", 400 + side + 148, 44, _PALE_INK)
    app = box_painted(app, (84, height - 380, width - 84, height - 376), 2, (228, 224, 220))
    write_centred(app, "Add to calendar", height - 290, 44, _BRAND, 600)
    return box_painted(app, (width // 2 - 140, height - 44, width // 2 + 140, height - 32), 6, _INK)


def _sheet(code: Picture, scene: Scene, seed: int) -> Prop:
    left, top, right, bottom = _SHEET
    skin = _skin(scene, seed)
    picture, opacity = _bare()
    page = _crumpled(_printed_page(code, right - left, bottom - top), seed, scene.crumple)
    picture[top:bottom, left:right] = (page * _lobby_light(scene)).astype(np.uint8)
    sheet = np.zeros_like(opacity)
    sheet[top:bottom, left:right] = 1.0
    opacity = np.maximum(opacity, sheet)
    _hands_below(picture, opacity, skin)
    return Prop(picture, opacity, sheet, _SHEET)


def _printed_page(code: Picture, width: int, height: int) -> Picture:
    page = filled(width, height, (250, 252, 252))
    write(page, "Your visit", (96, 150), 84, _INK, 700)
    for row, share in enumerate((0.6, 0.55, 0.33)):
        page[214 + 46 * row : 232 + 46 * row, 96 : 96 + int(width * share)] = (196, 190, 186)
    side, top = 860, 390
    left = (width - side) // 2
    page[top : top + side, left : left + side] = _scaled(code, side)
    write_centred(page, "Please show this code at the door", top + side + 80, 46, _INK, 600)
    for row, share in enumerate((0.66, 0.7, 0.46)):
        y = top + side + 150 + 46 * row
        page[y : y + 16, 130 : 130 + int(width * share)] = (206, 200, 196)
    return page


def _crumpled(page: Picture, seed: int, strength: float) -> Picture:
    """Bend a page a little and shade it as light from the left would: paper that was in a pocket."""
    rng = np.random.default_rng(seed)
    height, width = page.shape[:2]
    # A coarse random relief, smoothed; the slope to the left gives the shade, the height itself the displacement.
    coarse = rng.normal(0.0, 1.0, (9, 7)).astype(np.float32)
    relief = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    fold = np.abs(rows - height * 0.5) / 90.0
    relief = np.asarray(strength * (relief - 0.7 * np.exp(-fold)), dtype=np.float32)
    bent = cv2.remap(
        page, columns + 3.0 * relief, rows + 3.0 * relief, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    slope = np.gradient(relief, axis=1) * 14.0 + np.gradient(relief, axis=0) * 9.0
    shade = np.clip(0.93 + slope, 0.78, 1.0)[:, :, np.newaxis]
    return (np.asarray(bent) * shade).clip(0, 255).astype(np.uint8)


def _scaled(code: Picture, side: int) -> Picture:
    smooth = cv2.INTER_AREA if code.shape[0] > side else cv2.INTER_NEAREST
    return np.asarray(cv2.cvtColor(cv2.resize(code, (side, side), interpolation=smooth), cv2.COLOR_GRAY2BGR), np.uint8)


def _lobby_light(scene: Scene) -> float:
    """A screen shines by itself; skin and paper are as bright as the lobby lets them be."""
    return min(1.0, scene.light + 0.06)


def _skin(scene: Scene, seed: int) -> Colour:
    blue, green, red = _SKINS[seed % len(_SKINS)]
    light = _lobby_light(scene)
    return int(blue * light), int(green * light), int(red * light)


def _bare() -> tuple[Picture, Mask]:
    return filled(_WIDTH, _HEIGHT, (0, 0, 0)), np.zeros((_HEIGHT, _WIDTH), dtype=np.float32)


def _hand_behind(picture: Picture, opacity: Mask, skin: Colour) -> None:
    """Four fingers that come from behind the phone's left edge; arm and palm below it."""
    for finger in range(4):
        _limb(picture, opacity, (_PHONE[0] + 26, 690 + 215 * finger), (96 - 6 * (finger == 3), 74), 8.0, skin)
    _limb(picture, opacity, (_PHONE[2] - 120, _PHONE[3] + 700), (240, 780), -4.0, skin)
    _limb(picture, opacity, (_PHONE[2] - 210, _PHONE[3] + 130), (330, 300), -14.0, skin)


def _thumb_in_front(picture: Picture, opacity: Mask, skin: Colour) -> None:
    at = (_PHONE[2] - 12, 1540)
    _limb(picture, opacity, (at[0] + 84, at[1] + 270), (130, 350), 12.0, skin)
    _limb(picture, opacity, at, (80, 200), -16.0, skin)


def _hands_below(picture: Picture, opacity: Mask, skin: Colour) -> None:
    """Two hands that hold the sheet's lower edge, thumbs in front."""
    for x, lean in ((_SHEET[0] + 300, 6.0), (_SHEET[2] - 300, -6.0)):
        _limb(picture, opacity, (x, _SHEET[3] + 760), (190, 700), lean, skin)
        _limb(picture, opacity, (x, _SHEET[3] + 270), (215, 240), 0.0, skin)
        _limb(picture, opacity, (x, _SHEET[3] + 40), (80, 190), lean, skin)


def _limb(
    picture: Picture, opacity: Mask, centre: tuple[int, int], axes: tuple[int, int], angle: float, skin: Colour
) -> None:
    """Lay one finger, palm or arm over the picture: an ellipse, lit from above left."""
    reach = max(axes) + 8
    left, top = max(0, centre[0] - reach), max(0, centre[1] - reach)
    part = np.s_[top : min(_HEIGHT, centre[1] + reach), left : min(_WIDTH, centre[0] + reach)]
    at = (centre[0] - left, centre[1] - top)
    height, width = opacity[part].shape
    shape = np.zeros((height, width), dtype=np.uint8)
    cv2.ellipse(shape, at, axes, angle, 0, 360, 255, cv2.FILLED, cv2.LINE_AA)
    light = np.zeros((height, width), dtype=np.uint8)
    lit = (at[0] - axes[0] // 4, at[1] - axes[1] // 5)
    cv2.ellipse(light, lit, (axes[0] * 3 // 5, axes[1] * 3 // 5), angle, 0, 360, 255, cv2.FILLED, cv2.LINE_AA)
    glow = as_mask(cv2.blur(cv2.blur(light, (61, 61)), (61, 61)))
    lit_skin = filled(width, height, skin)
    shaded = mixed((lit_skin * 0.78).astype(np.uint8), lit_skin, glow)
    mask = as_mask(softened(shape, 2.0))
    picture[part] = mixed(picture[part], shaded, mask)
    opacity[part] = np.maximum(opacity[part], mask)
