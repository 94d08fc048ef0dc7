"""One moment before the camera: what is held up, where the hand is just now, what lens and sensor make of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, radians, sin
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.visitor.canvas import Mask, Picture, softened
from demo.visitor.lobby import draw_lobby
from demo.visitor.props import Prop, load_code, make_prop
from demo.visitor.scenes import SCENES, Scene

SIZE = (1280, 720)
"""Width and height of the simulated camera."""

_DESIGN_HEIGHT = 720.0
_EYE_DISTANCE = 2.6  # Camera to prop in heights of the picture; a webcam's field of view at an arm's length.
_HAND_HZ = (1.3, 2.1, 0.7)  # Tremor of a raised hand is slow in its large part; three tones that never line up.


def render(code: Path, scene: Scene, size: tuple[int, int] = SIZE, seed: int = 0, moment_s: float = 0.0) -> Picture:
    """Return one picture of ``scene`` with the code in the file ``code``. ``Shot`` is faster for a series."""
    return Shot([Held(load_code(code), scene)], size, seed).picture(moment_s)


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What the camera sees of a scene, to be kept as a picture."""

    code: Path
    scene: Scene

    def take_screenshot(self, path: Path) -> None:
        """Save it as a PNG."""
        cv2.imwrite(str(path), render(self.code, self.scene))


@dataclass(frozen=True, slots=True)
class Held:
    """A code, how it is shown, and where: ``aside`` in widths of the picture, right is positive."""

    code: Picture
    scene: Scene
    aside: float = 0.0


class Shot:
    """A visitor, or nobody, before the camera for a while. Thread: one at a time.

    Args:
        held: what is shown, back to front; the first one's light and noise rule the picture.
        size: width and height, pixels.
        seed: decides the hand, the crumples and the noise.
    """

    def __init__(self, held: Sequence[Held], size: tuple[int, int] = SIZE, seed: int = 0) -> None:
        self._size = size
        self._seed = seed
        self._scene = held[0].scene if held else SCENES["phone"]
        # The same lobby for everybody: furniture does not move between two visitors.
        self._lobby = draw_lobby(*size, self._scene.light, seed=0)
        self._props = [
            (one, _reduced(make_prop(one.code, one.scene, seed + place), one.scene, size[1]))
            for place, one in enumerate(held)
        ]
        rng = np.random.default_rng(seed)
        # One field of noise, shifted for every moment: drawing three million numbers a picture would cost more than the
        # rest.
        self._noise = rng.normal(0.0, self._scene.noise, (size[1], size[0], 3)).astype(np.float32)

    def picture(self, moment_s: float) -> Picture:
        """Return the picture at a moment, in seconds from the start."""
        view = self._lobby
        for held, prop in self._props:
            view = self._placed(view, held, prop, moment_s)
        unit = self._size[1] / _DESIGN_HEIGHT
        if self._props:
            view = _smeared(view, self._scene, self._seed, moment_s, unit)
            view = softened(view, self._scene.defocus_px * unit)
        shift = int(np.random.default_rng((self._seed, round(moment_s * 1000))).integers(0, self._noise.size // 3))
        noise = np.roll(self._noise.reshape(-1, 3), shift, axis=0).reshape(self._noise.shape)
        return (view + noise).clip(0, 255).astype(np.uint8)

    def _placed(self, view: Picture, held: Held, prop: Prop, moment_s: float) -> Picture:
        matrix = _projection(prop, held, self._size, *_hand(held.scene, self._seed, moment_s))
        colour = cv2.warpPerspective(prop.picture, matrix, self._size, flags=cv2.INTER_LINEAR)
        opacity = cv2.warpPerspective(prop.opacity, matrix, self._size, flags=cv2.INTER_LINEAR)
        glare = _glare(prop, matrix, held.scene, self._size, moment_s)
        shown = np.asarray(colour, dtype=np.float32) + glare[:, :, np.newaxis]
        share = np.asarray(opacity, dtype=np.float32)[:, :, np.newaxis]
        mixture: Picture = (view * (1.0 - share) + shown * share).clip(0, 255).astype(np.uint8)
        return mixture


def _hand(scene: Scene, seed: int, moment_s: float) -> tuple[float, float, float]:
    """Where the hand is: to the right and down in design pixels, and turned by so many degrees."""
    phases = np.random.default_rng(seed).uniform(0.0, 2.0 * pi, 3)
    waves = [sin(2.0 * pi * hz * moment_s + phase) for hz, phase in zip(_HAND_HZ, phases, strict=True)]
    return (
        scene.shake_px * (0.7 * waves[0] + 0.3 * waves[1]),
        scene.shake_px * (0.5 * waves[1] + 0.4 * waves[2]),
        0.2 * scene.shake_px * waves[2],
    )


def _smeared(view: Picture, scene: Scene, seed: int, moment_s: float, unit: float) -> Picture:
    """Smear along the hand's way, as long as it is fast at this moment; at its turning points it is sharp."""
    before, after = _hand(scene, seed, moment_s - 0.01), _hand(scene, seed, moment_s + 0.01)
    across, down = after[0] - before[0], after[1] - before[1]
    fastest = 0.02 * 2.0 * pi * max(_HAND_HZ) * scene.shake_px
    length = round(scene.motion_px * unit * min(1.0, hypot(across, down) / fastest))
    if length < 2:
        return view
    kernel = np.zeros((length | 1, length | 1), dtype=np.float32)
    middle = length // 2
    reach = (across / hypot(across, down) * middle, down / hypot(across, down) * middle)
    start = (round(middle - reach[0]), round(middle - reach[1]))
    end = (round(middle + reach[0]), round(middle + reach[1]))
    cv2.line(kernel, start, end, 1.0)
    return np.asarray(cv2.filter2D(view, -1, kernel / kernel.sum()), dtype=np.uint8)


def _reduced(prop: Prop, scene: Scene, picture_height: int) -> Prop:
    """Shrink the drawing to little more than its size in the picture, by averaging, so that warping cannot alias."""
    left, top, right, bottom = prop.body
    factor = min(1.0, 1.25 * scene.height * picture_height / (bottom - top))
    return Prop(
        np.asarray(cv2.resize(prop.picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.uint8),
        _shrunk(prop.opacity, factor),
        _shrunk(prop.shine, factor),
        (round(left * factor), round(top * factor), round(right * factor), round(bottom * factor)),
    )


def _shrunk(mask: Mask, factor: float) -> Mask:
    return np.asarray(cv2.resize(mask, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _projection(
    prop: Prop, held: Held, size: tuple[int, int], across: float, down: float, turn: float
) -> NDArray[np.float64]:
    """Return the matrix from the drawing to the picture: turned in space, seen by a pinhole, moved by the hand."""
    left, top, right, bottom = prop.body
    scene, (width, height) = held.scene, size
    scale = scene.height * height / (bottom - top)
    unit = height / _DESIGN_HEIGHT
    roll, yaw, pitch = radians(scene.tilt + turn), radians(scene.yaw), radians(scene.pitch)
    corners = [(float(x), float(y)) for x in (left, right) for y in (top, bottom)]
    seen = []
    for corner in corners:
        x, y = (corner[0] - (left + right) / 2.0) * scale, (corner[1] - (top + bottom) / 2.0) * scale
        x, y = x * cos(roll) - y * sin(roll), x * sin(roll) + y * cos(roll)
        depth = x * sin(yaw) - y * sin(pitch)
        nearness = _EYE_DISTANCE * height / (_EYE_DISTANCE * height + depth)
        x, y = x * cos(yaw) * nearness, y * cos(pitch) * nearness
        seen.append((width * (0.5 + held.aside) + x + across * unit, height / 2.0 + y + down * unit))
    matrix = cv2.getPerspectiveTransform(np.array(corners, dtype=np.float32), np.array(seen, dtype=np.float32))
    return np.asarray(matrix, dtype=np.float64)


def _glare(
    prop: Prop, matrix: NDArray[np.float64], scene: Scene, size: tuple[int, int], moment_s: float
) -> NDArray[np.float32]:
    """A soft slanting streak of a ceiling light on the glass; it wanders as the hand moves."""
    if scene.glare == 0.0:
        return np.zeros((size[1], size[0]), dtype=np.float32)
    height, width = prop.shine.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    middle = 0.30 + 0.06 * sin(2.0 * pi * 0.5 * moment_s)
    away = (columns / width + 0.45 * rows / height - middle - 0.22) / 0.075
    streak = 235.0 * scene.glare * np.exp(-(away**2)) * prop.shine
    return np.asarray(cv2.warpPerspective(streak, matrix, size), dtype=np.float32)
