"""Settings, folders and clocks."""

from pathlib import Path

import pytest

from kiosk_app import system_clock
from kiosk_app.core.errors import SettingsError
from kiosk_app.paths import find_paths
from kiosk_app.settings import WindowSize, paths_from, read_moment_ms, read_window
from kiosk_app.system_clock import SystemClock


def test_arguments_come_before_the_environment(tmp_path: Path) -> None:
    environment = {"ATRIUM_KIOSK_DATA": str(tmp_path / "b"), "ATRIUM_KIOSK_KEYS": str(tmp_path / "k")}
    paths = paths_from(str(tmp_path / "a"), None, environment)
    assert (paths.data, paths.keys) == (tmp_path / "a", tmp_path / "k")


def test_without_either_the_platform_decides_and_keeps_them_apart() -> None:
    paths = paths_from(None, None, {})
    assert paths.data.is_absolute()
    assert paths.keys.is_absolute()
    assert paths.data != paths.keys


def test_folders_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_paths("d", "k").data == tmp_path / "d"


@pytest.mark.parametrize(("data", "keys"), [("/x", "/x"), ("/x", "/x/k"), ("/x/d", "/x")])
def test_a_key_folder_within_the_data_is_refused(data: str, keys: str) -> None:
    with pytest.raises(SettingsError, match="must not lie in each other"):
        find_paths(data, keys)


def test_a_window_is_a_size_or_the_whole_screen() -> None:
    assert read_window("540x960") == WindowSize(540, 960)
    assert read_window("540x960+0+24") == WindowSize(540, 960, (0, 24))
    assert read_window("fullscreen") is None


@pytest.mark.parametrize(
    "text",
    ["", "540", "540x", "0x960", "99999x1", "540X960", "540x960 ", "-540x960", "540x960+1", "540x960+-1+0"],
)
def test_other_windows_make_no_sense(text: str) -> None:
    with pytest.raises(SettingsError):
        read_window(text)


def test_moments_are_rfc_3339_with_a_zone() -> None:
    assert read_moment_ms("1970-01-01T01:00:01.5+01:00") == 1500
    for text in ("now", "2030-01-31", "2030-01-31T09:30:00", ""):
        with pytest.raises(SettingsError):
            read_moment_ms(text)


def test_both_clocks_are_read_and_the_boot_has_a_name() -> None:
    first, second = SystemClock().read(), SystemClock().read()
    assert first.boot_id == second.boot_id != ""
    assert second.boot_ms >= first.boot_ms
    assert abs(SystemClock().wall().timestamp() * 1000 - second.wall_ms) < 60_000


def test_a_machine_without_a_boot_id_gives_each_process_its_own(monkeypatch, tmp_path: Path) -> None:
    system_clock._boot_id.cache_clear()
    monkeypatch.setattr(system_clock, "_BOOT_ID", tmp_path / "missing")
    first = SystemClock().read().boot_id
    assert first == SystemClock().read().boot_id
    system_clock._boot_id.cache_clear()
    assert SystemClock().read().boot_id != first
    system_clock._boot_id.cache_clear()
