"""Pairing and people who do not know the digits: what they see, change, use up and fill."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from kiosk_protocol.messages import encode
from kiosk_protocol.pairing_run import Reply, kiosk_keys
from kiosk_server.services import pairing
from kiosk_server.store.pairings import PairingShelf
from kiosk_server.store.vault import AesVault
from tests.kiosk_server.support import HandKiosk, World


def test_wrong_digits_and_no_window_give_the_same_answers(world: World) -> None:
    """A start is always answered; the confirmation is refused in the same words."""
    without_window = HandKiosk(world, world.site.id)
    assert without_window.start("000000").status_code == 200
    refused = without_window.confirm()
    code = world.window().code
    wrong = HandKiosk(world, world.site.id)
    assert wrong.start(f"{(int(code) + 1) % 10**6:06d}").status_code == 200
    assert (refused.status_code, refused.content) == (wrong.confirm().status_code, wrong.confirm().content)
    assert refused.status_code == 403
    assert refused.json()["error"] == "pairing_refused"


def test_no_window_and_a_wrong_code_take_the_same_steps(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same calls of vault, chance, curve and store in the same order, and answers of the same size."""
    steps: list[str] = []

    def noted(name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            steps.append(name)
            return act(*arguments, **named)

        return call

    for name in ("make_reply", "server_keys", "root_hash", "draw_digits", "current_trust"):
        monkeypatch.setattr(f"kiosk_server.services.pairing.{name}", noted(name, getattr(pairing, name)))
    for name in ("seal", "open"):
        monkeypatch.setattr(AesVault, name, noted(name, getattr(AesVault, name)))
    for name in ("forget_runs", "runs_kept", "count_try", "add_run", "lock_run", "drop_run", "close", "confirm_run"):
        monkeypatch.setattr(PairingShelf, name, noted(name, getattr(PairingShelf, name)))

    def walk() -> tuple[list[str], list[tuple[int, int, dict[str, str]]]]:
        steps.clear()
        kiosk = HandKiosk(world, world.site.id)
        answers = [kiosk.start("000000"), kiosk.confirm()]
        heads = [{name: value for name, value in answer.headers.items() if name != "date"} for answer in answers]
        return list(steps), [(a.status_code, len(a.content), head) for a, head in zip(answers, heads, strict=True)]

    without = walk()
    while (opened := world.window()).code == "000000":
        pass
    assert opened.code != "000000"
    assert walk() == without
    for _ in range(5):
        assert walk() == without


def test_a_share_under_which_all_codes_are_equal_is_refused_before_the_code_is_touched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a try nor a run comes of it, so nobody can time the code as often as they like."""
    world.window()
    kiosk = HandKiosk(world, world.site.id)
    kiosk.start("000000")
    touched: list[object] = []
    monkeypatch.setattr(
        "kiosk_server.services.pairing.make_reply", lambda *arguments, **_named: touched.append(arguments)
    )
    for change in ({"share": "A" * 43}, {"sid": "B" * 22}):
        body = msgspec.structs.replace(kiosk.message, **change)
        answer = world.client.post(f"{kiosk.root}/start", content=encode(body))
        assert (answer.status_code, answer.json()["error"]) == (400, "share")
    assert touched == []
    window = pairing.latest_window(world.house, world.tenant.id, world.site.id)
    assert window is not None
    assert window.tries == 1


@pytest.mark.parametrize("member", ["sid", "kiosk_key", "name", "share"])
def test_whoever_changes_the_offer_on_the_way_keeps_it_from_pairing(world: World, member: str) -> None:
    """The server answers what came, the kiosk goes on with what it sent: no tag fits."""
    kiosk, other = HandKiosk(world, world.site.id, "Lobby 1"), HandKiosk(world, world.site.id, "Lobby 2")
    code = world.window().code
    other.start(code)
    kiosk.start(code)
    sent = replace(kiosk.offer, **{member: getattr(other.offer, member)})
    kiosk.keys = kiosk_keys(kiosk.secret, sent, Reply(kiosk.run.run_id, kiosk.run.root_hash, kiosk.run.share))
    assert kiosk.confirm().status_code == 403


def test_racing_tries_evaluate_at_most_five_and_pair_at_most_one(world: World) -> None:
    """Two hundred kiosks with the right digits at once: five are counted, one gets a token."""
    code = world.window().code
    kiosks = [HandKiosk(world, world.site.id, f"k{number}") for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        starts = list(threads.map(lambda kiosk: kiosk.start(code).status_code, kiosks))
        confirmed = list(threads.map(lambda kiosk: kiosk.confirm().status_code, kiosks))
    assert set(starts) == {200}
    assert sorted(set(confirmed)) == [200, 403]
    assert confirmed.count(200) == 1
    with world.house.archive.of(world.tenant.id) as records:
        evaluated = [records.pairings.lock_run(kiosk.run.run_id) for kiosk in kiosks]
        assert sum(run is not None and run.window_id is not None for run in evaluated) == 5
        assert len(records.devices.all()) == 1


def test_strangers_cannot_fill_the_disk_with_runs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unconfirmed runs are bounded, and forgotten after an hour."""
    monkeypatch.setattr("kiosk_server.services.pairing.MOST_RUNS_KEPT", 2)
    answers = [HandKiosk(world, world.site.id).start("1").status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    world.clock.advance(hours=1, seconds=1)
    assert HandKiosk(world, world.site.id).start("1").status_code == 200


def test_strangers_cannot_shut_out_whoever_can_name_the_window(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """All runs that a site keeps are theirs: without a name nobody starts any more, with it staff do."""
    monkeypatch.setattr("kiosk_server.services.pairing.MOST_RUNS_KEPT", 2)
    opened = world.window(named=True)
    for _ in range(2):
        HandKiosk(world, world.site.id).start("000000")
    assert HandKiosk(world, world.site.id).start("000000").status_code == 429
    assert HandKiosk(world, world.site.id).start("000000", "a" * 16).status_code == 429
    HandKiosk(world, world.site.id).pair(opened.code, opened.setup_code.window)


def test_every_run_is_audited_and_no_code_with_it(world: World) -> None:
    """Started, refused, completed, with window and run: what an auditor asks for after a stranger tried."""
    opened = world.window()
    wrong = HandKiosk(world, world.site.id)
    wrong.start("000000" if opened.code != "000000" else "000001")
    wrong.confirm()
    kiosk = HandKiosk(world, world.site.id)
    kiosk.pair(opened.code)
    with world.house.archive.of(world.tenant.id) as records:
        entries = records.journal._connection.execute(text("SELECT * FROM audit_log ORDER BY id")).all()
    runs = [(entry.action, entry.detail.get("run")) for entry in entries if entry.action.startswith("pairing.")]
    assert runs == [
        ("pairing.window_opened", None),
        ("pairing.started", wrong.run.run_id),
        ("pairing.refused", wrong.run.run_id),
        ("pairing.started", kiosk.run.run_id),
        ("pairing.completed", kiosk.run.run_id),
    ]
    assert opened.code not in str(entries)


def test_another_suite_is_refused(world: World) -> None:
    """The former one sent the digits themselves; no kiosk is talked back into it."""
    kiosk = HandKiosk(world, world.site.id)
    kiosk.start("000000")
    body = json.loads(encode(kiosk.message)) | {"suite": "tls-1", "share": "MDAwMDAw"}
    assert world.client.post(f"{kiosk.root}/start", json=body).status_code == 400
