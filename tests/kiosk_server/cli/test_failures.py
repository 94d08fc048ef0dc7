"""The operator's codes and the runbook."""

import re
from pathlib import Path

from kiosk_server.cli import failures

RUNBOOK = Path(__file__).parents[3] / "docs" / "runbook.md"


def test_every_code_has_one_line_in_the_runbook() -> None:
    """SRV-9 has no sentence of its own, and SRV-11 stands in the log only."""
    listed = re.findall(r"^\| ((?:SRV|PG|TLS)-\d+) \| .+ \| .+ \|$", RUNBOOK.read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted({*failures._SENTENCES, "SRV-9", "SRV-11"})
