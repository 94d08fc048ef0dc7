"""The one family, loaded by path from its named system package, so that no font directory has to be searched.

Not here: bundled font files. Debian's ``fonts-noto-core`` carries Noto Sans with Latin and Arabic; without any font
package Qt draws blank text, so a missing file is reported with the package to install.
"""

from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase

from kiosk_app.paths import ARABIC_FONT_FILES, FONT_FILES, FONT_FOLDER

PACKAGE = "fonts-noto-core"
FAMILIES = ("Noto Sans", "Noto Sans Arabic")


class FontsMissingError(Exception):
    """Font files are not where their package puts them. ``paths`` are the missing ones."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        super().__init__(paths)
        self.paths = paths

    def __str__(self) -> str:
        """Return what to tell the person at the terminal."""
        names = ", ".join(str(path) for path in self.paths)
        return f"The kiosk's fonts are missing ({names}). Install the package {PACKAGE}."


def load_fonts(folder: Path = FONT_FOLDER) -> None:
    """Load the family's files. GUI thread, after the QApplication exists.

    Raises:
        FontsMissingError: a file is absent or unusable; the others are loaded all the same.
    """
    paths = [folder / name for name in (*FONT_FILES, *ARABIC_FONT_FILES)]
    missing = tuple(path for path in paths if QFontDatabase.addApplicationFont(str(path)) < 0)
    if missing:
        raise FontsMissingError(missing)


def text_font(size_px: int, *, bold: bool = False) -> QFont:
    """Return the family at a pixel size. Its figures are tabular, so codes and times do not jump."""
    font = QFont(list(FAMILIES))
    font.setPixelSize(max(1, size_px))
    font.setBold(bold)
    return font
