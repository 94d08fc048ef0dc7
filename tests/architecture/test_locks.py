"""The locks pin what `pyproject.toml` asks for, by hash, and name no place to fetch it from."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.project import ROOT, pyproject

LOCKS = {profile: ROOT / "requirements" / f"{profile}.lock" for profile in ("run", "tour", "check", "axe")}
OPENCV_LOCKS = ("run", "check")
PINNED = re.compile(r"^([a-z0-9-]+)==([^ ;]+)(?: ;.*)? \\$")
HASHED = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def pins(lock: Path) -> dict[str, str]:
    """Return name and version of each package in a lock."""
    matches = [PINNED.match(line) for line in lock.read_text().splitlines()]
    return {match[1]: match[2] for match in matches if match}


def wanted(profile: str) -> list[Requirement]:
    """Return what `pyproject.toml` asks for in this profile, the build of the package itself included."""
    declared = pyproject()
    extras = declared["project"]["optional-dependencies"]
    product = declared["project"]["dependencies"] + extras["server"] + declared["build-system"]["requires"]
    texts = {
        "run": product,
        "tour": extras["demo"],
        "check": product + extras["demo"] + extras["dev"],
        "axe": declared["dependency-groups"]["axe"],
    }[profile]
    requirements = [Requirement(text) for text in texts]
    return [
        requirement
        for requirement in requirements
        # The locks are for Linux, where the tests run as well.
        if requirement.name != declared["project"]["name"]
        and (requirement.marker is None or requirement.marker.evaluate())
    ]


@pytest.mark.parametrize("profile", LOCKS)
def test_every_requirement_is_pinned_to_a_version_that_satisfies_it(profile: str) -> None:
    """What `pyproject.toml` asks for stands in the lock; `./check lock` renews it."""
    pinned = pins(LOCKS[profile])
    for requirement in wanted(profile):
        name = canonicalize_name(requirement.name)
        assert name in pinned, f"{name} is missing from {profile}.lock: ./check lock"
        assert requirement.specifier.contains(pinned[name]), f"{profile}.lock has {name} {pinned[name]}: ./check lock"


@pytest.mark.parametrize("profile", LOCKS)
def test_a_lock_holds_pins_and_hashes_only(profile: str) -> None:
    """No index, folder, file or address: where packages come from is decided by whoever installs."""
    lines = [line for line in LOCKS[profile].read_text().splitlines() if not line.startswith("#")]
    strange = [line for line in lines if not PINNED.match(line) and not HASHED.match(line)]
    assert strange == []


@pytest.mark.parametrize("profile", LOCKS)
def test_every_pin_has_a_hash(profile: str) -> None:
    """A pin is followed by at least one hash of its files."""
    lines = [line for line in LOCKS[profile].read_text().splitlines() if not line.startswith("#")]
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if PINNED.match(line):
            assert HASHED.match(after), line


def test_what_runs_is_what_was_checked() -> None:
    """The run lock is a part of the check lock, version by version, and so is the tour's."""
    checked = pins(LOCKS["check"])
    assert pins(LOCKS["run"]).items() <= checked.items()
    assert pins(LOCKS["tour"]).items() <= checked.items()


def test_what_is_installed_in_a_lobby_has_no_tools_of_ours() -> None:
    """The run lock is what `docs/install.md` installs: neither tests nor a driver of browsers belong there."""
    assert {"pytest", "selenium"} & pins(LOCKS["run"]).keys() == set()


@pytest.mark.parametrize("profile", OPENCV_LOCKS)
def test_only_the_opencv_without_windows_is_installed(profile: str) -> None:
    """The other one brings a second Qt and would overwrite files of this one (docs/adr/0001)."""
    assert [name for name in pins(LOCKS[profile]) if name.startswith("opencv")] == ["opencv-python-headless"]
