"""The desktop entry keeps to the Desktop Entry Specification 1.5, as `desktop-file-validate` would check it."""

import re
from configparser import RawConfigParser

from tests.architecture.project import ROOT, pyproject

FILE = ROOT / "packaging" / "atrium-kiosk.desktop"
# Section 6, "Recognized desktop entry keys", as far as an application may use them.
KNOWN = {
    "Type", "Version", "Name", "GenericName", "NoDisplay", "Comment", "Icon", "Hidden", "OnlyShowIn", "NotShowIn",
    "DBusActivatable", "TryExec", "Exec", "Path", "Terminal", "Actions", "MimeType", "Categories", "Implements",
    "Keywords", "StartupNotify", "StartupWMClass", "PrefersNonDefaultGPU", "SingleMainWindow",
}  # fmt: skip
LOCALISED = {"Name", "GenericName", "Comment", "Icon", "Keywords"}
BOOLEANS = {"NoDisplay", "Hidden", "Terminal", "StartupNotify"}
LISTS = {"Categories", "Keywords", "MimeType", "OnlyShowIn"}
# Desktop Menu Specification 1.1, table 1.
MAIN_CATEGORIES = {
    "AudioVideo", "Development", "Education", "Game", "Graphics", "Network", "Office", "Science", "Settings", "System",
    "Utility",
}  # fmt: skip


def entry() -> dict[str, str]:
    """Return the keys of the one group."""
    parser = RawConfigParser(delimiters=("=",), comment_prefixes=("#",), strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # documented way to keep the case of keys
    parser.read_string(FILE.read_text(encoding="utf-8"))
    assert parser.sections() == ["Desktop Entry"]
    return dict(parser["Desktop Entry"])


def test_the_required_keys_are_there() -> None:
    """An application has a type, a name and a command; the version is the specification's."""
    found = entry()
    assert (found["Type"], found["Name"], found["Version"]) == ("Application", "Atrium Kiosk", "1.5")
    assert found["Terminal"] == "false"


def test_every_key_is_known_and_localised_only_where_it_may_be() -> None:
    """No misspelt key, which desktops pass over in silence."""
    for key in entry():
        match = re.fullmatch(r"([A-Za-z]+)(\[[a-z]{2}\])?", key)
        assert match, key
        assert match[1] in (LOCALISED if match[2] else KNOWN), key


def test_values_have_the_form_of_their_type() -> None:
    """Booleans are words, lists end with a semicolon, one main category is named."""
    found = entry()
    assert all(found[key] in ("true", "false") for key in BOOLEANS & found.keys())
    assert all(found[key].endswith(";") for key in LISTS & found.keys())
    assert len(MAIN_CATEGORIES & set(found["Categories"].split(";"))) == 1


def test_it_starts_the_program_of_the_project() -> None:
    """The command is one of the installed programs, without a path, for the prefix is the installer's to choose."""
    assert entry()["Exec"].split()[0] in pyproject()["project"]["scripts"]


def test_its_icon_is_the_one_that_is_installed() -> None:
    """The icon is named as the file in the icon theme, without path and ending (Icon Theme Specification)."""
    files = pyproject()["tool"]["setuptools"]["data-files"]["share/icons/hicolor/scalable/apps"]
    assert files == [f"assets/{entry()['Icon']}.svg"]
    assert (ROOT / files[0]).is_file()


def test_every_language_of_the_kiosk_has_its_words() -> None:
    """German and Arabic beside English, as on the screen."""
    assert {"GenericName[de]", "GenericName[ar]", "Comment[de]", "Comment[ar]"} <= entry().keys()
