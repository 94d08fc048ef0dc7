"""The faults that are tried: real ones, each under a name that lasts, and none where no test could look."""

import ast
import textwrap
from pathlib import Path

from tests.mutation.mutants import mutants, mutated
from tests.mutation.runner import Knowledge, load_results

SOURCE = textwrap.dedent(
    '''
    """A module."""
    LIMIT: int = 3
    Kind = Text | None


    def f(x: int, y=True) -> bool:
        """Say something."""
        if x < LIMIT and not y:
            raise ValueError("some prose here")
        for item in [1]:
            if f(item):
                break
        try:
            g("a")
        except KeyError:
            return None
        return x == 1 or y
    '''
)
EVERYTHING = """\
<module> | LIMIT: int = 3 | 3 to 4
f | def f(x: int, y=True) -> bool: | True to False
f | if x < LIMIT and not y: | And to Or
f | if x < LIMIT and not y: | without operand 0
f | if x < LIMIT and not y: | without operand 1
f | if x < LIMIT and not y: | Lt 0 to LtE
f | if x < LIMIT and not y: | Lt 0 to GtE
f | if x < LIMIT and not y: | without Not
f | raise ValueError("some prose here") | statement left out
f | for item in [1]: | 1 to 2
f | if f(item): | test negated
f | break | break to continue
f | g("a") | statement left out
f | g("a") | 'a' to another text
f | try: | catches nothing
f | return x == 1 or y | return None
f | return x == 1 or y | Or to And
f | return x == 1 or y | without operand 0
f | return x == 1 or y | without operand 1
f | return x == 1 or y | Eq 0 to NotEq
f | return x == 1 or y | 1 to 2
"""


def test_every_fault_of_a_module_is_listed() -> None:
    """Annotations, docstrings, joined types and prose are left alone."""
    listed = "".join(f"{fault.function} | {fault.place} | {fault.change}\n" for fault in mutants("m", SOURCE))
    assert listed == EVERYTHING


def test_each_fault_is_another_program() -> None:
    """Every one compiles, and no two are the same."""
    programs = [ast.unparse(mutated(SOURCE, fault)) for fault in mutants("m", SOURCE)]
    assert len({*programs, ast.unparse(ast.parse(SOURCE))}) == len(programs) + 1
    for program in programs:
        compile(program, "m", "exec")


def test_a_fault_keeps_its_name_when_lines_come_above_it() -> None:
    """So a verdict or an explanation stays with it."""
    moved = f"import os\n\n{SOURCE}"
    assert [fault.key for fault in mutants("m", moved)] == [fault.key for fault in mutants("m", SOURCE)]


def test_a_fault_meets_the_tests_that_pass_through_it_quickest_first() -> None:
    """One of the module's own level, or that no test passes through, meets all of them."""
    path = Path("m.py")
    knowledge = Knowledge({"slow": 2.0, "quick": 0.1, "elsewhere": 0.5}, {"m.py": {9: ["slow", "quick", ""]}})
    by_change = {fault.change: fault for fault in mutants("m", SOURCE)}
    assert by_change["And to Or"].line == 9
    assert knowledge.through(path, by_change["And to Or"]) == ["quick", "slow"]
    assert knowledge.through(path, by_change["3 to 4"]) == ["quick", "elsewhere", "slow"]
    assert knowledge.through(path, by_change["test negated"]) == ["quick", "elsewhere", "slow"]


def test_the_last_verdict_of_a_fault_counts(tmp_path: Path) -> None:
    """Verdicts are appended, so a run that was stopped goes on."""
    file = tmp_path / "verdicts.jsonl"
    assert load_results(file) == {}
    file.write_text('{"key":"a","survived":true}\n{"key":"a","survived":false}\n')
    assert load_results(file) == {"a": {"key": "a", "survived": False}}
