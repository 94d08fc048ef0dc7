"""The product's icon. The file here is a link to ``assets/atrium-kiosk.svg``; in the wheel it is a file."""

from pathlib import Path
from typing import Final

from PySide6.QtGui import QIcon

ICON_FILE: Final = Path(__file__).with_name("atrium-kiosk.svg")
DESKTOP_FILE: Final = "atrium-kiosk"
"""Name of the ``.desktop`` file without its ending: by it a Wayland compositor finds the icon for the window."""


def app_icon() -> QIcon:
    """Return the icon; drawn by Qt's SVG plugin when somebody asks for a size. GUI thread."""
    return QIcon(str(ICON_FILE))
