"""Frames as a lobby's camera might give them: 22 conditions, two sizes, phone and paper, every pixel from a seed.

Who holds what up, the hand and the lens are the demo's (``demo.visitor``); here stand the conditions that are hard to
read, and what else spoils a picture. Distance is given in pixels a module, so that a condition is as hard at 1080p as
at 720p: at 1080p the visitor stands further away. No frame was taken by a real camera.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

import cv2
import numpy as np
from nacl.signing import SigningKey

from demo.visitor.canvas import Picture
from demo.visitor.picture import Held, Shot
from demo.visitor.scenes import Scene
from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.identifiers import SiteId, VisitId, VisitorId, key_id_of
from kiosk_protocol.signing import issue_visit_token
from kiosk_protocol.transport import to_compact
from kiosk_server.qr import QUIET_ZONE_MODULES, code_png

SIZES: Final = {"720p": (1280, 720), "1080p": (1920, 1080)}
FRAMES_A_VISITOR: Final = 8
FPS: Final = 12
VISITORS: Final = 10
"""For each condition and size, half with a phone and half with a sheet: 440 visitors, 3,520 frames."""
SINGLES: Final = (0, 4)
"""Which of a visitor's frames stand in the set of single frames: 880 in all, a third of a second apart."""

_NOT_BEFORE_S: Final = 1_900_000_000
_JPEG_QUALITY: Final = 80  # A webcam's MJPEG.
_PNG_PIXELS_A_MODULE: Final = 8
_USUAL_CRUMPLE: Final = 0.3  # Most prints were folded once; the demo's were in a pocket.
# How much of phone and sheet the code takes, quiet zone included, as ``demo.visitor.props`` draws them.
_CODE_TO_BODY: Final = {"phone": 728 / 1840, "paper": 860 / 1700}

Group = Literal["clean and mild", "far", "blurred", "other"]
Spoil = Callable[[Picture, np.random.Generator], Picture]


def _as_is(picture: Picture, _rng: np.random.Generator) -> Picture:
    return picture


@dataclass(frozen=True, slots=True)
class Condition:
    """One way in which a code is hard to read, or not.

    Attributes:
        name: in tables.
        group: which goal of the tables it belongs to.
        module_px: side of one module in the picture before perspective.
        scene: fields of ``Scene``.
        code: what is done to the code before it is shown.
        picture: what is done to the finished picture, before it is packed as JPEG.
        jpeg: quality of that JPEG.
    """

    name: str
    group: Group
    module_px: float = 4.0
    scene: dict[str, float] = field(default_factory=dict)
    code: Spoil = _as_is
    picture: Spoil = _as_is
    jpeg: int = _JPEG_QUALITY


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture, BGR, and the text that is in it."""

    condition: Condition
    size: str
    visitor: int
    number: int
    picture: Picture
    text: str


def conditions() -> tuple[Condition, ...]:
    """Return the 22 conditions."""
    return (
        Condition("clean", "clean and mild", scene={"tilt": 3.0, "yaw": 6.0}),
        Condition("tilted", "clean and mild", scene={"tilt": 32.0, "yaw": -8.0}),
        Condition("slightly soft", "clean and mild", scene={"defocus_px": 1.0, "tilt": 2.0}),
        Condition("dusk", "clean and mild", scene={"screen": 0.6, "light": 0.6, "noise": 5.0}),
        Condition("far", "far", 2.5, {"tilt": 2.0}),
        Condition("very far", "far", 2.15, {"tilt": -3.0}),
        Condition("too far", "far", 1.9, {"tilt": 1.0}),
        Condition("defocused", "blurred", 3.4, {"defocus_px": 1.5, "tilt": -3.0}),
        Condition("badly defocused", "blurred", 4.0, {"defocus_px": 1.9, "tilt": 2.0}),
        Condition("moving", "blurred", 4.0, {"motion_px": 9.0, "shake_px": 14.0, "tilt": 4.0}),
        Condition("moving fast", "blurred", 4.0, {"motion_px": 13.0, "shake_px": 18.0, "tilt": -4.0}),
        Condition("perspective", "other", 4.4, {"yaw": 36.0, "pitch": -16.0, "tilt": 4.0}),
        Condition("glare", "other", scene={"glare": 0.8, "tilt": -6.0, "yaw": 10.0}),
        Condition("dim", "other", 3.6, {"screen": 0.26, "light": 0.34, "noise": 7.0}),
        Condition("noisy", "other", 3.4, {"screen": 0.7, "light": 0.5, "noise": 18.0}),
        Condition("dark mode", "other", 3.6, {"tilt": -5.0}, code=_inverted),
        Condition("no quiet zone", "other", 3.6, {"tilt": 3.0}, code=_in_a_dark_frame),
        Condition("cracked", "other", 3.8, {"tilt": 5.0}, code=_cracked),
        Condition("covered corner", "other", 3.8, {"tilt": -2.0}, code=_covered),
        Condition("crumpled", "other", 3.8, {"crumple": 1.2, "tilt": 3.0}),
        Condition("faded", "other", 3.4, {"noise": 4.0}, code=_faded),
        Condition("hard shadow", "other", 3.6, {"tilt": 2.0}, picture=_half_in_shadow, jpeg=40),
    )


def frames(visitors: range, size: str, condition: Condition) -> Iterator[Frame]:
    """Yield every frame of some visitors of one condition."""
    place = [one.name for one in conditions()].index(condition.name)
    for visitor in visitors:
        seed = 10_000 * place + 100 * list(SIZES).index(size) + visitor
        rng = np.random.default_rng(seed)
        text = visit_text(rng)
        prop: Literal["phone", "paper"] = "phone" if visitor % 2 == 0 else "paper"
        code = cv2.imdecode(np.frombuffer(code_png(text), dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
        shown = condition.code(np.asarray(code, dtype=np.uint8), rng)
        scene = _scene(condition, prop, shown.shape[0] / _PNG_PIXELS_A_MODULE, SIZES[size][1])
        shot = Shot([Held(shown, scene)], SIZES[size], seed)
        for number in range(FRAMES_A_VISITOR):
            picture = condition.picture(shot.picture(number / FPS), np.random.default_rng(seed))
            yield Frame(condition, size, visitor, number, packed_and_back(picture, condition.jpeg), to_compact(text))


def empty_lobbies(size: str, count: int = FRAMES_A_VISITOR) -> Iterator[Picture]:
    """Yield pictures of a lobby in which nobody is: only the sensor's noise changes."""
    shot = Shot([], SIZES[size], seed=1)
    for number in range(count):
        yield packed_and_back(shot.picture(number / FPS), _JPEG_QUALITY)


def visit_text(rng: np.random.Generator) -> str:
    """Return a visit token as the server issues it, with keys and identifiers from ``rng``."""
    key = SigningKey(rng.bytes(32))
    claims = VisitClaims(
        VisitId(base64url_encode(rng.bytes(16))),
        VisitorId(base64url_encode(rng.bytes(16))),
        SiteId(base64url_encode(rng.bytes(8))),
        _NOT_BEFORE_S,
        _NOT_BEFORE_S + 7200,
    )
    return issue_visit_token(claims, key_id_of(bytes(key.verify_key)), key)


def packed_and_back(picture: Picture, quality: int) -> Picture:
    """Return ``picture`` as it comes out of a JPEG of ``quality``."""
    _, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)


def _scene(condition: Condition, prop: Literal["phone", "paper"], modules: float, height_px: int) -> Scene:
    height = condition.module_px * modules / _CODE_TO_BODY[prop] / height_px
    # Scenes know lengths in a picture 720 pixels high; here they are pixels of the picture itself.
    lengths = {"defocus_px": 0.6, "shake_px": 5.0, "crumple": _USUAL_CRUMPLE} | condition.scene
    lengths |= {name: value * 720 / height_px for name, value in lengths.items() if name.endswith("_px")}
    return Scene(condition.name, prop, height=height, **lengths)


def _inverted(code: Picture, _rng: np.random.Generator) -> Picture:
    """A ticket app in dark mode that turns the code round with everything else."""
    return np.asarray(255 - code, dtype=np.uint8)


def _in_a_dark_frame(code: Picture, _rng: np.random.Generator) -> Picture:
    """A code cut at its edge and shown on a dark page."""
    quiet = QUIET_ZONE_MODULES * _PNG_PIXELS_A_MODULE
    framed = np.full_like(code, 40)
    framed[quiet:-quiet, quiet:-quiet] = code[quiet:-quiet, quiet:-quiet]
    return framed


def _cracked(code: Picture, rng: np.random.Generator) -> Picture:
    """A glass that broke from one point: bright lines with a dark edge."""
    cracked = code.copy()
    side = code.shape[0]
    start = rng.integers(side // 4, side * 3 // 4, 2)
    for _ in range(7):
        angle = rng.uniform(0, 2 * np.pi)
        at = start.astype(float)
        for _ in range(5):
            angle += rng.uniform(-0.5, 0.5)
            to = at + rng.uniform(0.08, 0.2) * side * np.array([np.cos(angle), np.sin(angle)])
            ends = tuple(int(v) for v in at), tuple(int(v) for v in to)
            cv2.line(cracked, *ends, 60, 5, cv2.LINE_AA)
            cv2.line(cracked, *ends, 225, 3, cv2.LINE_AA)
            at = to
    return cracked


def _covered(code: Picture, rng: np.random.Generator) -> Picture:
    """A thumb over the corner that has no finder pattern: what error correction is for."""
    covered = code.copy()
    side = code.shape[0]
    centre = (int(side * rng.uniform(0.93, 0.97)), int(side * rng.uniform(0.86, 0.94)))
    cv2.ellipse(covered, centre, (side // 9, side // 8), 20, 0, 360, 140, cv2.FILLED, cv2.LINE_AA)
    return covered


def _faded(code: Picture, rng: np.random.Generator) -> Picture:
    """A printer that runs out of ink, in stripes."""
    rows = np.arange(code.shape[0], dtype=np.float32)[:, np.newaxis]
    ink = 0.45 + 0.2 * np.sin(rows / code.shape[0] * 2 * np.pi * 3 + rng.uniform(0, 6))
    return np.asarray(255 - (255 - code) * ink, dtype=np.uint8)


def _half_in_shadow(picture: Picture, rng: np.random.Generator) -> Picture:
    """The edge of a shadow or a blown-out window across the picture."""
    height, width = picture.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    edge = (columns - width / 2) * np.float32(rng.uniform(0.6, 1.0)) + (rows - height / 2) * np.float32(0.5)
    light = 0.64 + 0.36 * np.tanh(edge / 12.0)
    return np.asarray((picture * light[:, :, np.newaxis]).clip(0, 255), dtype=np.uint8)
