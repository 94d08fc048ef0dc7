"""The tour's report: one thing that does not hold makes the step, and the tour, not hold."""

from pathlib import Path

import pytest

from demo.report import Report


def test_a_report_holds_if_every_finding_does(tmp_path: Path) -> None:
    """And says so in the summary."""
    report = Report(tmp_path)
    with report.step("First"):
        report.found("database", "one row", 1, holds=True)
    assert report.holds
    assert "1 of 1 steps ended as they must" in (tmp_path / "summary.md").read_text()


def test_one_finding_that_does_not_hold_is_enough(tmp_path: Path) -> None:
    """The step is named as one that did not end as it must."""
    report = Report(tmp_path)
    with report.step("First"):
        report.found("database", "one row", "2 | rows", holds=False)
        report.found("window", "green", "green", holds=True)
    assert not report.holds
    summary = (tmp_path / "summary.md").read_text()
    assert "1. First: NOT as it must" in summary
    assert "| **no** | database | one row | 2 \\| rows |" in summary


def test_a_step_without_findings_does_not_hold(tmp_path: Path) -> None:
    """A step that looked at nothing proved nothing."""
    report = Report(tmp_path)
    with report.step("Empty"):
        pass
    assert not report.holds
    assert not Report(tmp_path / "nothing").holds


def test_a_step_that_breaks_is_written_down(tmp_path: Path) -> None:
    """The summary says where the tour ended."""
    report = Report(tmp_path)
    with pytest.raises(RuntimeError), report.step("Broken"):
        raise RuntimeError("the window is gone")
    assert "the window is gone" in (tmp_path / "summary.md").read_text()


def test_an_earlier_tour_is_cleared_away(tmp_path: Path) -> None:
    """Screenshots of yesterday do not pass for today's; files of others stay."""
    (tmp_path / "07-old.png").write_bytes(b"x")
    (tmp_path / "notes.txt").write_text("mine")
    Report(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
