"""The situations at a lobby's camera, each by a name: what is held up, how far away, and what spoils the picture."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Scene:
    """One situation. Angles in degrees, lengths in pixels of a picture 720 pixels high.

    Attributes:
        name: how the demo and the tests call it.
        prop: what is held up.
        height: of the prop, as a share of the picture's height, before it is turned.
        tilt: in the plane of the picture, clockwise.
        yaw: about the vertical axis, the right side away.
        pitch: about the horizontal axis, the top away.
        defocus_px: standard deviation of the blur of a lens that has not found the distance.
        motion_px: length of the smear while the hand is fastest.
        shake_px: how far the hand moves to each side.
        glare: 0 none to 1 a blown-out streak over the prop.
        screen: brightness of the phone's screen, 1 is full.
        light: brightness of the lobby, 1 is a usual day.
        noise: standard deviation of the sensor's noise, in eight-bit steps.
        crumple: how bent a sheet is; 1 was in a pocket, 0 is flat.
    """

    name: str
    prop: Literal["phone", "paper"]
    height: float = 0.86
    tilt: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    defocus_px: float = 0.6
    motion_px: float = 0.0
    shake_px: float = 5.0
    glare: float = 0.0
    screen: float = 1.0
    light: float = 1.0
    noise: float = 2.5
    crumple: float = 1.0


_ALL = (
    Scene("phone", "phone", tilt=3.0, yaw=6.0),
    Scene("phone-near", "phone", height=1.3, tilt=-4.0),
    Scene("phone-far", "phone", height=0.66, tilt=2.0),
    Scene("phone-tilted", "phone", height=0.82, tilt=32.0, yaw=-8.0),
    Scene("phone-perspective", "phone", height=0.95, yaw=34.0, pitch=-14.0, tilt=4.0),
    Scene("phone-glare", "phone", height=0.92, tilt=-6.0, yaw=10.0, glare=0.75),
    Scene("phone-dim", "phone", height=0.92, tilt=5.0, screen=0.32, light=0.55, noise=6.0),
    Scene("phone-defocused", "phone", height=0.98, tilt=-3.0, defocus_px=1.5),
    Scene("phone-moving", "phone", height=0.98, tilt=4.0, motion_px=9.0, shake_px=14.0),
    Scene("phone-noisy", "phone", height=0.9, tilt=-5.0, light=0.5, screen=0.7, noise=16.0),
    Scene("paper", "paper", tilt=-3.0, yaw=-6.0),
    Scene("paper-far", "paper", height=0.66, tilt=4.0),
    Scene("paper-tilted", "paper", height=0.8, tilt=-24.0, pitch=10.0),
    Scene("paper-perspective", "paper", height=0.95, yaw=-30.0, pitch=16.0),
    Scene("paper-dim", "paper", tilt=3.0, light=0.38, noise=7.0),
    Scene("paper-defocused", "paper", height=0.95, tilt=2.0, defocus_px=1.5),
    Scene("paper-moving", "paper", height=0.95, tilt=-4.0, motion_px=10.0, shake_px=14.0),
)

SCENES: dict[str, Scene] = {scene.name: scene for scene in _ALL}
"""All named scenes, in the order in which a contact sheet shows them."""
