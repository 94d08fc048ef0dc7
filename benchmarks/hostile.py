"""Pictures made to keep a reader busy or to break it. None holds a code that can be read."""

import cv2
import numpy as np
import segno

from demo.visitor.canvas import Picture


def hostile_frames(size: tuple[int, int]) -> dict[str, Picture]:
    """Return grey pictures of ``size`` (width and height), by name."""
    width, height = size
    rng = np.random.default_rng(7)
    rows, columns = np.indices((height, width))
    away = np.hypot(rows - height / 2, columns - width / 2)
    noise = rng.integers(0, 256, (height, width), dtype=np.uint8)
    frames = {f"finder patterns of {module} px": _finder_patterns(module, size) for module in (1, 2, 3, 5, 9)}
    return frames | {
        "noise": noise,
        "noise of two levels": np.where(noise < 128, 0, 255).astype(np.uint8),
        "soft noise": np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.5), dtype=np.uint8),
        "checkerboard of 1 px": np.asarray((rows + columns) % 2 * 255, dtype=np.uint8),
        "checkerboard of 4 px": np.asarray((rows // 4 + columns // 4) % 2 * 255, dtype=np.uint8),
        "stripes": np.asarray(columns // 3 % 2 * 255, dtype=np.uint8),
        "rings": np.asarray(away.astype(int) // 4 % 2 * 255, dtype=np.uint8),
        "half a huge code": _half_a_huge_code(size),
        "many torn codes": _many_torn_codes(size, rng),
    }


def _finder_patterns(module_px: int, size: tuple[int, int]) -> Picture:
    """The marks that a QR reader looks for first, side by side."""
    ring = np.zeros((9, 9), dtype=np.uint8)
    ring[1:8, 1:8], ring[2:7, 2:7], ring[3:6, 3:6] = 1, 0, 1
    tile = np.kron((1 - ring) * 255, np.ones((module_px, module_px)))
    width, height = size
    return np.asarray(np.tile(tile, (height // len(tile) + 1, width // len(tile) + 1))[:height, :width], dtype=np.uint8)


def _half_a_huge_code(size: tuple[int, int]) -> Picture:
    """The largest symbol there is, too large for the picture."""
    width, height = size
    code = _code("A" * 4000, 6)
    return np.asarray(np.pad(code, ((0, max(0, height - len(code))), (0, width)))[:height, :width], dtype=np.uint8)


def _many_torn_codes(size: tuple[int, int], rng: np.random.Generator) -> Picture:
    """Codes side by side, each with a tear that is too wide for its error correction."""
    width, height = size
    picture = np.full((height, width), 255, dtype=np.uint8)
    for top in range(0, height - 130, 130):
        for left in range(0, width - 130, 130):
            code = _code("V1:" + "".join(rng.choice(list("ABCDEFGH0123"), 40)), 3)[:130, :130]
            code[55:75] = 128
            picture[top : top + len(code), left : left + len(code)] = code
    return picture


def _code(text: str, module_px: int) -> Picture:
    modules = np.array([list(row) for row in segno.make_qr(text, error="l").matrix], dtype=np.uint8)
    light = np.pad(1 - modules, 4, constant_values=1) * 255
    return np.asarray(np.kron(light, np.ones((module_px, module_px))), dtype=np.uint8)
