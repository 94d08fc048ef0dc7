"""The threat model names tests; each of them is there, and no threat goes without one or a limit."""

import re

import pytest

from tests.architecture.project import ROOT

PAGE = (ROOT / "docs/threat-model.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
LIMITS = set(re.findall(r"^- \*\*(L\d+)\.", PAGE, re.MULTILINE))
THREATS = re.findall(r"^\| [STRIDE] \| .*$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("path", sorted({path for path, _ in NAMED.findall(PAGE)}))
def test_the_tests_it_names_are_there(path: str) -> None:
    """A file that moved, or a test that was renamed, would leave the page claiming what nobody checks."""
    source = (ROOT / path).read_text()
    wanted = {name for file, name in NAMED.findall(PAGE) if file == path and name}
    defined = set(re.findall(r"^(?:async )?def (test_\w+)", source, re.MULTILINE))
    assert wanted - defined == set()


def test_every_threat_has_a_test_or_a_limit() -> None:
    """A row with neither would be a wish."""
    assert len(THREATS) > 70
    assert [row for row in THREATS if not NAMED.search(row) and not re.search(r"\bL\d+\b", row)] == []


def test_every_limit_is_explained() -> None:
    """Rows point at limits that stand on the page."""
    assert set(re.findall(r"\bL\d+\b", PAGE)) == LIMITS


@pytest.mark.parametrize("component", [part.partition("\n")[0] for part in PAGE.split("\n## ") if "\n| S | " in part])
def test_every_component_is_looked_at_from_all_six_sides(component: str) -> None:
    """STRIDE leaves no letter out."""
    section = PAGE.partition(f"\n## {component}\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| ([STRIDE]) \|", section, re.MULTILINE)) == set("STRIDE")


def test_every_component_is_there() -> None:
    """Left out would be left unthought."""
    found = {part.partition("\n")[0] for part in PAGE.split("\n## ") if "\n| S | " in part}
    assert found == {
        "Kiosk",
        "QR code and visit token",
        "Pairing",
        "Between kiosk and server",
        "Server and dashboard",
        "Database and tenants",
        "Staff",
        "Camera and decoders",
        "Updates and supply chain",
    }
