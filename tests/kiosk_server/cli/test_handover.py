"""``atrium-server kiosk handover``: what an operator reads and what is refused. The whole way: tests/integration."""

import pytest

from kiosk_server.cli.main import run
from tests.kiosk_server.cli.conftest import Atrium, fill


def test_an_empty_quarantine_is_said_to_be_empty(atrium: Atrium, capsys: pytest.CaptureFixture[str]) -> None:
    fill(atrium)
    assert atrium("kiosk", "handover", "list") == {"items": []}
    assert run(["kiosk", "handover", "list"]) == 0
    assert capsys.readouterr().out == "There is nothing.\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["show"], "Say whose: --kiosk ID."),
        (["accept"], "Say whose: --kiosk ID."),
        (["discard", "--check-in", "x"], "Say whose: --kiosk ID."),
        (["list", "--check-in", "x"], "--check-in chooses what is accepted or discarded."),
        (["show", "--kiosk", "K" * 22], "There is no such kiosk."),
        (["accept", "--kiosk", "K" * 22], "There is no such kiosk."),
        (["list", "--kiosk", "no identifier"], "There is no such kiosk."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_refused_with_a_sentence(
    atrium: Atrium, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    fill(atrium)
    assert run(["kiosk", "handover", *arguments]) == 1
    assert complaint in capsys.readouterr().err


def test_an_action_nobody_knows_is_a_mistake_of_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["kiosk", "handover", "burn"])
    assert ended.value.code == 2
    assert "invalid choice" in capsys.readouterr().err
