"""The lobby behind the visitor, out of focus: a soft wall, daylight, a desk, a plant."""

from math import cos, radians, sin

import cv2
import numpy as np

from demo.visitor.canvas import Colour, Picture, painted, softened

_WIDTH, _HEIGHT = 640, 360


def draw_lobby(width: int, height: int, light: float, seed: int) -> Picture:
    """Draw a lobby.

    Args:
        width: of the picture, pixels.
        height: of the picture, pixels.
        light: brightness, 1 is a usual day.
        seed: moves the furniture a little.
    """
    rng = np.random.default_rng(seed)
    room = _wall_and_floor()
    shift = int(rng.integers(-26, 27))
    _windows(room, shift)
    _desk(room, shift)
    _plant(room, 78 + shift, rng)
    _lamp(room, 470 + shift)
    # Small, blurred and then enlarged: everything behind the visitor is out of focus, and it costs a twentieth.
    room = softened(room, 5.0)
    large = np.asarray(cv2.resize(room, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    return (large * (light * _vignette(width, height))).clip(0, 255).astype(np.uint8)


def _wall_and_floor() -> Picture:
    down = np.linspace(0.0, 1.0, _HEIGHT, dtype=np.float32)[:, np.newaxis, np.newaxis]
    across = np.linspace(1.0, 0.72, _WIDTH, dtype=np.float32)[np.newaxis, :, np.newaxis]
    wall = np.array((150, 160, 168), dtype=np.float32) * (1.0 - 0.22 * down)
    floor = np.array((84, 100, 116), dtype=np.float32) * (0.72 + 0.5 * down)
    return (np.where(down < 0.71, wall, floor) * across).astype(np.uint8)


def _windows(room: Picture, shift: int) -> None:
    for column in range(3):
        left = 150 + shift + column * 62
        cv2.rectangle(room, (left, 34), (left + 50, 196), (232, 226, 214), cv2.FILLED)
        cv2.rectangle(room, (left, 150), (left + 50, 196), (176, 190, 176), cv2.FILLED)


def _desk(room: Picture, shift: int) -> None:
    wood: Colour = (66, 92, 124)
    cv2.rectangle(room, (392 + shift, 206), (640, 300), wood, cv2.FILLED)
    cv2.rectangle(room, (380 + shift, 196), (640, 209), (196, 202, 206), cv2.FILLED)
    cv2.rectangle(room, (520 + shift, 158), (576 + shift, 196), (44, 42, 40), cv2.FILLED)


def _plant(room: Picture, x: int, rng: np.random.Generator) -> None:
    cv2.ellipse(room, (x, 288), (26, 34), 0, 0, 360, (96, 104, 112), cv2.FILLED)
    for _ in range(22):
        angle = radians(float(rng.uniform(-70, 70)))
        reach = float(rng.uniform(0.6, 1.0))
        tip = (x + int(78 * sin(angle)), 256 - int(120 * cos(angle) * reach))
        colour = (52 + int(rng.integers(0, 22)), 92 + int(rng.integers(0, 44)), 62)
        cv2.line(room, (x, 262), tip, colour, int(rng.integers(5, 10)), cv2.LINE_AA)


def _lamp(room: Picture, x: int) -> None:
    glow = np.zeros((_HEIGHT, _WIDTH), dtype=np.float32)
    cv2.circle(glow, (x, 92), 46, 0.55, cv2.FILLED)
    halo = np.asarray(cv2.GaussianBlur(glow, (0, 0), 22), dtype=np.float32)
    room[:] = painted(room, halo, (190, 226, 246))
    cv2.ellipse(room, (x, 84), (26, 14), 0, 180, 360, (214, 240, 252), cv2.FILLED)
    cv2.line(room, (x, 0), (x, 72), (70, 70, 70), 2)


def _vignette(width: int, height: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    rows = np.linspace(-1.0, 1.0, height, dtype=np.float32)[:, np.newaxis]
    columns = np.linspace(-1.0, 1.0, width, dtype=np.float32)[np.newaxis, :]
    return (1.0 - 0.22 * (rows**2 + columns**2) / 2.0)[:, :, np.newaxis]
