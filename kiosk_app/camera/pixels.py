"""The form of every picture in this package. Apart from ``frames`` because it needs NumPy at run time."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
"""height x width (grey) or height x width x 3 (BGR), eight bits a sample."""
