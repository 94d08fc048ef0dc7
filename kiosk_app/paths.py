"""Where the kiosk keeps what it must not lose, where its key (never in one folder), and where its fonts lie."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk_app.core.errors import SettingsError

APP_NAME: Final = "atrium-kiosk"
DATA_VARIABLE: Final = "ATRIUM_KIOSK_DATA"
KEYS_VARIABLE: Final = "ATRIUM_KIOSK_KEYS"

FONT_FOLDER: Final = Path("/usr/share/fonts/truetype/noto")
"""Where Debian's ``fonts-noto-core`` puts the one family, Noto Sans with Latin and Arabic."""
FONT_FILES: Final = ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf")
ARABIC_FONT_FILES: Final = ("NotoSansArabic-Regular.ttf", "NotoSansArabic-Bold.ttf")


@dataclass(frozen=True, slots=True)
class Paths:
    """Absolute folders."""

    data: Path
    keys: Path


def find_paths(data: str | None, keys: str | None) -> Paths:
    """Return the folders named by argument or environment, else the platform's own.

    Raises:
        SettingsError: one folder lies in the other: whoever copies the data must not get the key with it.
    """
    paths = Paths(_folder(data, "data"), _folder(keys, "config"))
    if paths.keys.is_relative_to(paths.data) or paths.data.is_relative_to(paths.keys):
        raise SettingsError(f"Data folder {paths.data} and key folder {paths.keys} must not lie in each other.")
    return paths


def _folder(named: str | None, kind: str) -> Path:
    if named:
        return Path(named).absolute()
    # Imported here: a kiosk whose folders are named, as the installed service's are, need not pay for the search.
    import platformdirs  # noqa: PLC0415

    find = platformdirs.user_data_path if kind == "data" else platformdirs.user_config_path
    return find(APP_NAME, appauthor=False)
