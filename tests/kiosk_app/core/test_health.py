"""Findings: each with a code of its own, a sentence, and a line in the runbook."""

import re
import string
from pathlib import Path

import pytest

from kiosk_app.core.health import Finding, HealthCode, HealthState, Subject
from kiosk_app.core.health_words import FINDINGS, STATES, SUBJECTS

RUNBOOK = Path(__file__).parents[3] / "docs" / "runbook.md"
FIELDS = {"cause", "count", "time", "detail"}


def test_every_finding_has_one_line_in_the_runbook() -> None:
    """Whoever reads a code on the staff's page or in a terminal finds it, once, with what to do."""
    lines = re.findall(r"^\| (DOC-\d+) \| (.+) \| (.+) \|$", RUNBOOK.read_text(), re.MULTILINE)
    assert sorted(code for code, _, _ in lines) == sorted(code.code for code in HealthCode)
    assert all(meaning.strip() and action.strip() for _, meaning, action in lines)


def test_codes_are_told_apart() -> None:
    """No two findings share a code, and every subject can be well."""
    assert len({code.code for code in HealthCode}) == len(HealthCode)
    for subject in Subject:
        assert any(code.subject is subject and code.state is HealthState.OK for code in HealthCode)


@pytest.mark.parametrize("code", HealthCode)
def test_every_finding_has_a_sentence(code: HealthCode) -> None:
    """With no placeholder that a finding has no field for."""
    names = {name for _, name, _, _ in string.Formatter().parse(FINDINGS[code]) if name}
    assert names <= FIELDS
    finding = Finding(code)
    assert SUBJECTS[finding.subject]
    assert STATES[finding.state]
