"""The coverage limits of `./check` pass what is complete and name what is not."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.project import ROOT, environment_without_coverage
from tests.coverage_limits import Measured, gaps

RULE = '"""A rule."""\n\ndef admit(code):\n    if code:\n        print("come in")\n    return code\n'


def check(folder: Path, test: str) -> subprocess.CompletedProcess[str]:
    """Run the limits on a project of one rule with one test."""
    (folder / "kiosk_protocol").mkdir()
    (folder / "kiosk_protocol" / "__init__.py").touch()
    (folder / "kiosk_protocol" / "rule.py").write_text(RULE)
    (folder / "test_rule.py").write_text(f"from kiosk_protocol.rule import admit\n\n{test}\n")
    (folder / ".coveragerc").write_text("[run]\nbranch = true\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.coverage_limits", "--cov=kiosk_protocol", "--cov-report="]
    environment = environment_without_coverage() | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_branch_nobody_took_fails_the_run_and_is_named(tmp_path: Path) -> None:
    """The tests pass, the run does not: file, line and branch stand above pytest's closing line."""
    result = check(tmp_path, "def test_admits():\n    assert admit(1)")
    assert result.returncode == pytest.ExitCode.TESTS_FAILED, result.stdout + result.stderr
    assert "MISSED kiosk_protocol/rule.py: branches never taken: 4 -> 6" in result.stdout
    assert "1 passed" in result.stdout.splitlines()[-1]


def test_a_complete_rule_passes(tmp_path: Path) -> None:
    """With both branches taken the same run is green."""
    result = check(tmp_path, "def test_both():\n    assert admit(1)\n    assert not admit(0)")
    assert result.returncode == pytest.ExitCode.OK, result.stdout + result.stderr
    assert "100.0 % of all" in result.stdout


def test_other_packages_are_held_to_the_total_only() -> None:
    """A line missed in the window's code is no gap as long as the total holds."""
    seen = {"kiosk_app/ui/window.py": Measured((7,), ((6, 7),))}
    assert gaps(seen, 90.0) == ()
    assert gaps(seen, 89.9) == ("all files: 89.9 % covered, at least 90 % are wanted",)


def test_a_line_never_run_is_named_once() -> None:
    """The branches inside code that never ran are not listed on top of its lines."""
    seen = {"kiosk_app/core/rule.py": Measured((4, 5, 7), ((4, 5), (4, -1), (9, -8)))}
    assert gaps(seen, 100.0) == (
        "kiosk_app/core/rule.py: lines never run: 4-5, 7",
        "kiosk_app/core/rule.py: branches never taken: 9 -> exit",
    )
