"""``scan --explain``: a sentence for each cause, and the picture with the place marked. Written where staff say."""

from pathlib import Path
from typing import Final

import numpy as np

from kiosk_app.camera.diagnosis import Cause, Diagnosis
from kiosk_app.camera.pictures import write_marked
from kiosk_app.camera.pixels import Pixels
from kiosk_app.camera.symbols import Symbol
from kiosk_app.core.errors import SettingsError

SENTENCES: Final = {
    Cause.NOTHING_THERE: "Nothing in the picture looks like a code.",
    Cause.TOO_DARK: "The picture is too dark: turn up the screen's brightness, or the light.",
    Cause.HALF_OUTSIDE: "The code lies partly outside the picture: hold it in the middle.",
    Cause.TOO_SMALL: "The code is too small: hold it nearer.",
    Cause.FAINT: "The code is too faint: print it again, or turn up the screen's brightness.",
    Cause.GLARE: "A light is reflected on the code: tilt it a little.",
    Cause.BLURRED: "The code is blurred: hold it still, or a little further away.",
    Cause.NO_QUIET_ZONE: "There is no light margin around the code: show the whole picture of the invitation.",
    Cause.DAMAGED: "The code is large and sharp enough, so something covers or bends it: show another copy.",
}
READ: Final = "The code was read."
SEVERAL: Final = "There are several codes in the picture: show one."


def refused(reason: str) -> str:
    """Return the sentence for a code that was read and does not open the door."""
    return f"The code was read and not accepted: {reason.replace('_', ' ')}."


def mark(picture: Pixels, outlines: list[list[tuple[float, float]]], source: Path, folder: Path) -> str:
    """Write ``picture`` with ``outlines`` into ``folder`` and return its name. Raises SettingsError."""
    target = folder / f"{source.stem}-explained.png"
    try:
        write_marked(target, picture, outlines)
    except OSError as error:
        raise SettingsError(f"{target} cannot be written: {error.strerror}.") from None
    return str(target)


def outlines_of(symbols: tuple[Symbol, ...], diagnosis: Diagnosis | None) -> list[list[tuple[float, float]]]:
    """Return what to mark: the codes that were read, or the place of the one that was not."""
    if symbols:
        return [list(symbol.corners) for symbol in symbols]
    if diagnosis is None or diagnosis.region is None:
        return []
    return [[(float(x), float(y)) for x, y in np.asarray(diagnosis.region.corners())]]
