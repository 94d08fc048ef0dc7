"""The scan gate: one visitor, one sighting."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from kiosk_app.core.scan_gate import OUT_OF_SIGHT_NS, UNCLEAR_NS, ScanGate, SeveralCodes, Sighting

MS = 1_000_000

Answer = Sighting | SeveralCodes | None


def looks(gate: ScanGate, *taken: tuple[int, Sequence[str]]) -> tuple[ScanGate, list[Answer]]:
    """Take looks at (milliseconds, texts) and return what each of them gave."""
    answers: list[Answer] = []
    for at_ms, texts in taken:
        gate, answer = gate.step(texts, at_ms * MS)
        answers.append(answer)
    return gate, answers


def settled_after(text: str, at_ms: int = 0) -> ScanGate:
    """A gate that handed ``text`` on and got its answer."""
    gate, answer = ScanGate().step([text], at_ms * MS)
    assert answer == Sighting(text, at_ms * MS)
    return gate.settled()


def test_a_code_is_handed_on_at_its_first_look() -> None:
    """The first look at a code gives a sighting with the text and the time of the picture."""
    gate, answer = ScanGate().step(["a"], 7 * MS)
    assert answer == Sighting("a", 7 * MS)
    assert gate.in_flight


def test_an_empty_look_gives_nothing() -> None:
    """A picture without a code changes nothing."""
    assert ScanGate().step([], 0) == (ScanGate(), None)


def test_a_code_held_up_for_long_is_handed_on_once() -> None:
    """A visitor who keeps the phone up, also after the answer, is not asked about again."""
    gate, answers = looks(settled_after("a"), *((at, ["a"]) for at in range(100, 20_000, 100)))
    assert answers == [None] * len(answers)
    assert not gate.in_flight


def test_a_short_loss_of_sight_is_no_second_showing() -> None:
    """Glare hides the code for a moment: the look after it gives nothing."""
    gap_ms = OUT_OF_SIGHT_NS // MS - 1
    _, answers = looks(settled_after("a"), (500, []), (gap_ms, ["a"]))
    assert answers == [None, None]


def test_a_code_that_was_away_is_handed_on_again() -> None:
    """After 1.5 s out of sight the same code counts as shown again."""
    gap_ms = OUT_OF_SIGHT_NS // MS
    _, answers = looks(settled_after("a"), (500, []), (gap_ms, ["a"]))
    assert answers == [None, Sighting("a", gap_ms * MS)]


def test_looks_keep_a_code_in_sight() -> None:
    """The 1.5 s begin with the last look at the code, not with the first."""
    _, answers = looks(settled_after("a"), (1400, ["a"]), (2800, ["a"]), (4200, ["a"]))
    assert answers == [None, None, None]


def test_only_one_sighting_is_in_flight() -> None:
    """A second visitor's code waits until the first one's answer is there."""
    gate, _ = ScanGate().step(["a"], 0)
    gate, answer = gate.step(["b"], 100 * MS)
    assert answer is None
    _, answer = gate.settled().step(["b"], 200 * MS)
    assert answer == Sighting("b", 200 * MS)


def test_a_code_in_flight_stays_in_sight_meanwhile() -> None:
    """A slow answer does not make the same code new: it was seen all the time."""
    gate, _ = looks(ScanGate(), *((at, ["a"]) for at in range(0, 5000, 500)))
    _, answer = gate.settled().step(["a"], 5100 * MS)
    assert answer is None


def test_a_code_raised_again_during_a_slow_answer_is_the_same_showing() -> None:
    """Lowering the phone and raising it before the answer came does not ask a second time."""
    gate, _ = looks(ScanGate(), (0, ["a"]), (500, []), (3000, ["a"]))
    _, answer = gate.settled().step(["a"], 3100 * MS)
    assert answer is None


def test_the_next_visitor_need_not_wait() -> None:
    """Another code directly after an answer is handed on at once, and the first one is still remembered."""
    gate, answers = looks(settled_after("a"), (100, ["b"]))
    assert answers == [Sighting("b", 100 * MS)]
    _, answer = gate.settled().step(["a"], 200 * MS)
    assert answer is None


def test_two_codes_ask_for_one() -> None:
    """Two different codes in one picture are no sighting, and are told once however long they stay."""
    gate, answers = looks(ScanGate(), (0, ["a", "b"]), (100, ["b", "a"]), (900, ["a", "b", "c"]))
    assert answers == [SeveralCodes(), None, None]
    assert not gate.in_flight


def test_the_same_text_twice_is_one_code() -> None:
    """A code printed twice on one sheet is one code."""
    _, answer = ScanGate().step(["a", "a"], 0)
    assert answer == Sighting("a", 0)


def test_one_of_two_codes_blurred_is_no_choice() -> None:
    """Directly after a look at two codes, a look at one of them is not taken for the visitor's choice."""
    unclear_ms = UNCLEAR_NS // MS
    _, answers = looks(ScanGate(), (0, ["a", "b"]), (unclear_ms - 1, ["a"]), (unclear_ms, ["a"]))
    assert answers == [SeveralCodes(), None, Sighting("a", unclear_ms * MS)]


def test_two_codes_are_told_again_after_they_were_away() -> None:
    """A second occurrence of two codes is told like the first."""
    again_ms = OUT_OF_SIGHT_NS // MS
    _, answers = looks(ScanGate(), (0, ["a", "b"]), (again_ms, ["a", "b"]))
    assert answers == [SeveralCodes(), SeveralCodes()]


def test_two_codes_during_a_flight_are_told_after_it() -> None:
    """While an answer is awaited nothing is told; if both codes are still there afterwards, they are."""
    gate, _ = ScanGate().step(["a"], 0)
    gate, answer = gate.step(["a", "b"], 100 * MS)
    assert answer is None
    _, answer = gate.settled().step(["a", "b"], 200 * MS)
    assert answer == SeveralCodes()


texts = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3)
steps = st.lists(st.tuples(st.integers(0, 2000), texts, st.booleans()), max_size=60)


@given(steps)
def test_rules_hold_for_any_sequence_of_looks(taken: list[tuple[int, list[str], bool]]) -> None:
    """Whatever is shown: one sighting in flight, no text twice without 1.5 s out of sight, no choice among several."""
    gate, now_ns, in_flight = ScanGate(), 0, False
    last_seen: dict[str, int] = {}
    handed_on: set[str] = set()
    for wait_ms, shown, settles in taken:
        now_ns += wait_ms * MS
        if not in_flight:
            handed_on -= {text for text in handed_on if now_ns - last_seen[text] >= OUT_OF_SIGHT_NS}
        gate, answer = gate.step(shown, now_ns)
        if isinstance(answer, Sighting):
            assert not in_flight
            assert set(shown) == {answer.text}
            assert answer.text not in handed_on
            handed_on.add(answer.text)
            in_flight = True
        elif isinstance(answer, SeveralCodes):
            assert not in_flight
            assert len(set(shown)) > 1
        last_seen.update(dict.fromkeys(shown, now_ns))
        if settles:
            gate, in_flight = gate.settled(), False
        assert gate.in_flight is in_flight


@given(st.lists(st.tuples(st.integers(0, 400), texts, st.booleans()), max_size=60))
def test_the_gate_forgets_everybody(taken: list[tuple[int, list[str], bool]]) -> None:
    """1.5 s after the last code left, no text is kept."""
    gate, now_ns = ScanGate(), 0
    for wait_ms, shown, settles in taken:
        now_ns += wait_ms * MS
        gate, _ = gate.step(shown, now_ns)
        gate = gate.settled() if settles else gate
    gate, answer = gate.settled().step([], now_ns + OUT_OF_SIGHT_NS)
    assert answer is None
    assert gate == ScanGate()
