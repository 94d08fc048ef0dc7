"""Runs the tests against one fault after the other, each in a fork of a process that has loaded everything foreign.

A fork costs milliseconds where a new interpreter costs a second. First the tests run once without a fault, to learn
which of them pass through which line; then a fault meets the tests of its module's own file, and if they stay green all
others that pass through its line. The processor time of a fork is limited, not its time by the clock, so a loaded
machine turns no slow test into a noticed fault.
"""

import ast
import importlib.abc
import importlib.metadata
import importlib.util
import json
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable, Container, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import coverage
import hypothesis
import pytest

from tests.mutation.mutants import Mutant, mutated

PROCESSOR_LIMIT_S = 60
CLOCK_LIMIT_S = 600
ARGUMENTS = (
    *("-x", "-q", "--no-header", "-p", "no:randomly", "-p", "no:cacheprovider"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # plugins were loaded before the fork
)


@dataclass(frozen=True, slots=True)
class Result:
    """How a run of tests ended: by which test the fault was noticed, or None."""

    passed: bool
    noticed_by: str = ""


@dataclass(slots=True)
class Knowledge:
    """What the run without a fault showed: seconds of each test, and the tests that pass through each line."""

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[int, list[str]]] = field(default_factory=dict)

    def through(self, path: Path, mutant: Mutant) -> list[str]:
        """Return the tests that a fault could turn red, quickest first; a module's own level is everybody's."""
        lines = self.lines.get(str(path), {})
        tests = {test for line in range(mutant.line, mutant.last_line + 1) for test in lines.get(line, []) if test}
        if mutant.function == "<module>" or not tests:
            tests = set(self.seconds)
        return sorted(tests, key=lambda test: (self.seconds.get(test, 0.0), test))


class _Chosen:
    """A pytest plugin that keeps the chosen tests, in the order of the choice, and notes the first that fails.

    A test that is named by a value bears another name when the fault changes that value: kept are also those that
    nobody knew before, of the functions that were chosen.
    """

    def __init__(
        self,
        tests: Sequence[str] | None,
        known: Container[str] = (),
        measured: coverage.Coverage | None = None,
    ) -> None:
        self._rank = None if tests is None else {test: number for number, test in enumerate(tests)}
        self._functions = {test.partition("[")[0] for test in tests or ()}
        self._known = known
        self._measured = measured
        self.failed = ""
        self.seconds: dict[str, float] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self._rank is not None:
            rank = self._rank
            kept = [item for item in items if item.nodeid in rank or self._is_new(item.nodeid)]
            items[:] = sorted(kept, key=lambda item: rank.get(item.nodeid, 0))

    def _is_new(self, test: str) -> bool:
        return test not in self._known and test.partition("[")[0] in self._functions

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        if self._measured is not None:
            self._measured.switch_context(item.nodeid)
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.failed:
            self.failed = f"loading {report.nodeid}"


class _Faulty(importlib.abc.MetaPathFinder):
    """Finds one module, with a fault in it."""

    def __init__(self, module: str, path: Path, tree: ast.Module) -> None:
        self._module, self._path = module, path
        self._code = compile(tree, str(path), "exec")

    def find_spec(self, name: str, *_: object) -> Any:
        if name != self._module:
            return None
        return importlib.util.spec_from_file_location(name, self._path, loader=_Given(self._code))


class _Given(importlib.abc.Loader):
    def __init__(self, code: Any) -> None:
        self._code = code

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, vars(module))  # noqa: S102 - this is what a loader does


def learn(folders: Sequence[str], packages: Sequence[str]) -> Knowledge:
    """Run all tests without a fault.

    Raises:
        SystemExit: they are not green, so they could not tell a fault.
    """

    def work() -> dict[str, Any]:
        measured = coverage.Coverage(data_file=None, config_file=False, source=list(packages))
        chosen = _Chosen(None, measured=measured)
        measured.start()
        status = pytest.main([*ARGUMENTS, *folders], plugins=[chosen])
        measured.stop()
        data = measured.get_data()
        lines = {path: data.contexts_by_lineno(path) for path in data.measured_files()}
        return {"status": int(status), "failed": chosen.failed, "seconds": chosen.seconds, "lines": lines}

    answer = _in_a_fork(work, 20 * PROCESSOR_LIMIT_S)
    if answer is None or answer["status"] != 0:
        raise SystemExit(f"the tests are not green without a fault: {answer and answer['failed']}")
    lines = {path: {int(line): tests for line, tests in by.items()} for path, by in answer["lines"].items()}
    return Knowledge(answer["seconds"], lines)


def try_mutant(mutant: Mutant, path: Path, knowledge: Knowledge, own: str) -> Result:
    """Run the tests that pass through the fault: first those of the file ``own``, then the others."""
    tests = knowledge.through(path, mutant)
    first = [test for test in tests if test.startswith(f"{own}::")]
    rest = [test for test in tests if not test.startswith(f"{own}::")]
    for chosen in (first, rest):
        if chosen:
            result = _run(mutant, path, chosen, knowledge.seconds)
            if not result.passed:
                return result
    return Result(True)


def _run(mutant: Mutant, path: Path, tests: Sequence[str], known: Container[str]) -> Result:
    def work() -> dict[str, Any]:
        sys.meta_path.insert(0, _Faulty(mutant.module, path, mutated(path.read_text(), mutant)))
        chosen = _Chosen(tests, known)
        files = dict.fromkeys(test.partition("::")[0] for test in tests)
        status = pytest.main([*ARGUMENTS, *files], plugins=[chosen])
        return {"status": int(status), "failed": chosen.failed}

    answer = _in_a_fork(work, PROCESSOR_LIMIT_S)
    if answer is None:
        return Result(False, "no answer in time")
    return Result(answer["status"] == 0, answer["failed"])


def _in_a_fork(work: Callable[[], dict[str, Any]], processor_s: int) -> dict[str, Any] | None:
    """Return what ``work`` returns in a forked process, or None where it was killed."""
    with tempfile.TemporaryDirectory(prefix="atrium-mutant-") as folder:
        answer = Path(folder, "answer.json")
        child = os.fork()
        if child == 0:
            _be_the_fork(work, processor_s, Path(folder), answer)
        _, status = os.waitpid(child, 0)
        if status != 0 or not answer.is_file():
            return None
        result: dict[str, Any] = json.loads(answer.read_bytes())
        return result


def _be_the_fork(work: Callable[[], dict[str, Any]], processor_s: int, folder: Path, answer: Path) -> None:
    status = 1
    try:
        signal.alarm(CLOCK_LIMIT_S + processor_s)
        resource.setrlimit(resource.RLIMIT_CPU, (processor_s, processor_s + 5))
        with Path(folder, "output").open("wb") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        os.environ["TMPDIR"] = str(folder)
        tempfile.tempdir = str(folder)
        answer.write_text(json.dumps(work()))
        status = 0
    finally:
        os._exit(status)


def prepare() -> None:
    """Load what every fork needs and no fault can lie in, and keep Hypothesis from looking for the smallest example."""
    for name in ("cryptography.hazmat.primitives.asymmetric.ed25519", "jwt", "msgspec", "nacl.bindings", "nacl.public"):
        importlib.import_module(name)
    for name in ("PySide6.QtTest", "PySide6.QtWidgets", "httpx", "hypothesis.strategies"):
        importlib.import_module(name)
    for plugin in importlib.metadata.entry_points(group="pytest11"):
        plugin.load()
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("mutants", database=None, derandomize=True, deadline=None, phases=phases)
    hypothesis.settings.load_profile("mutants")


def load_results(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return what earlier runs wrote, by the mutants' names."""
    if not path.is_file():
        return {}
    return {entry["key"]: entry for entry in map(json.loads, path.read_text().splitlines())}
