"""Staff codes and the runbook."""

import re
from pathlib import Path

from kiosk_app.core.staff_codes import StaffCode

RUNBOOK = Path(__file__).parents[3] / "docs" / "runbook.md"


def test_every_code_has_one_line_in_the_runbook() -> None:
    """Whoever reads a code on the screen finds it, once, with something to do; no kiosk code beyond these is listed."""
    lines = re.findall(r"^\| ([A-Z]+-\d+) \| (.+) \| (.+) \|$", RUNBOOK.read_text(), re.MULTILINE)
    kinds = {code.partition("-")[0] for code in StaffCode}
    assert sorted(code for code, _, _ in lines if code.partition("-")[0] in kinds) == sorted(StaffCode)
    assert all(meaning.strip() and action.strip() for _, meaning, action in lines)


def test_codes_are_short() -> None:
    """A code can be read out over a telephone."""
    assert all(re.fullmatch(r"[A-Z]{3,5}-\d{1,2}", code) for code in StaffCode)
