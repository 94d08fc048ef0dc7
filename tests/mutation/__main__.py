"""Put faults into the rules and count those that no test notices.

    python -m tests.mutation [MODULE...] [--again | --fresh] [--percent N] [--output FILE]

Verdicts are kept in FILE, so a run that was stopped goes on, and after tests were added `--again` tries those faults
again that no test had noticed. Exit 0 if all were tried, at least 90 % are noticed in each package, and every other one
is explained in survivors.md. On two quiet cores a fault takes about half a second, all of them half an hour.
"""

import argparse
import json
import os
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.mutation import runner
from tests.mutation.mutants import Mutant, mutants

ROOT = Path(__file__).parents[2]
SURVIVORS = Path(__file__).with_name("survivors.md")
GOAL_PERCENT = 90.0

PACKAGES: Mapping[str, tuple[str, ...]] = {
    "kiosk_protocol": ("tests/kiosk_protocol", "tests/vectors"),
    "kiosk_app.core": ("tests/kiosk_app/core", "tests/kiosk_app/services"),
}
"""What is judged, and the tests that judge it."""


def say(line: str) -> None:
    """Write a line for people."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; return 0 if the goal is met."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="as kiosk_protocol.tokens; all by default")
    parser.add_argument("--again", action="store_true", help="try again the faults that nothing noticed")
    parser.add_argument("--fresh", action="store_true", help="forget earlier verdicts")
    parser.add_argument("--percent", type=int, default=100, help="of the faults, the same ones every time")
    parser.add_argument("--report", action="store_true", help="try nothing, say what is known")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "mutants.jsonl", metavar="FILE")
    options = parser.parse_args(arguments)
    os.chdir(ROOT)
    if options.fresh:
        options.output.unlink(missing_ok=True)
    options.output.parent.mkdir(exist_ok=True)
    if not options.report:
        runner.prepare()
        for package, folders in PACKAGES.items():
            paths = {module: path for module, path in _modules(package) if _asked(module, options.modules)}
            if paths:
                _try_all(package, folders, paths, options)
    return _report(options.output, options.modules)


def _asked(module: str, asked: Sequence[str]) -> bool:
    return not asked or any(module == name or module.startswith(f"{name}.") for name in asked)


def _modules(package: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / package.replace(".", "/")).glob("*.py")):
        if path.stem != "__init__":
            yield f"{package}.{path.stem}", path


def _faults(modules: Mapping[str, Path]) -> Iterator[tuple[Mutant, Path]]:
    for module, path in modules.items():
        for mutant in mutants(module, path.read_text()):
            yield mutant, path


def _try_all(package: str, folders: Sequence[str], modules: Mapping[str, Path], options: argparse.Namespace) -> None:
    known = runner.load_results(options.output)
    waiting = [
        (mutant, path)
        for mutant, path in _faults(modules)
        if (zlib.crc32(mutant.key.encode()) % 100 < options.percent and mutant.key not in known)
        or (options.again and mutant.key in known and known[mutant.key]["survived"])
    ]
    if not waiting:
        return
    knowledge = runner.learn(folders, [package])
    for number, (mutant, path) in enumerate(waiting, start=1):
        own = f"tests/{package.replace('.', '/')}/test_{path.stem}.py"
        result = runner.try_mutant(mutant, path, knowledge, own)
        with options.output.open("a") as file:
            entry = {"key": mutant.key, "survived": result.passed, "noticed_by": result.noticed_by}
            file.write(json.dumps(entry) + "\n")
        if result.passed:
            say(f"{number}/{len(waiting)} survived: {path.name}:{mutant.line}: {mutant.key}")


def _report(output: Path, asked: Sequence[str]) -> int:
    known = runner.load_results(output)
    explained = SURVIVORS.read_text() if SURVIVORS.is_file() else ""
    good = True
    for package in PACKAGES:
        faults = [mutant for mutant, _ in _faults(dict(_modules(package))) if _asked(mutant.module, asked)]
        tried = [mutant for mutant in faults if mutant.key in known]
        survivors = [mutant for mutant in tried if known[mutant.key]["survived"]]
        if not tried:
            continue
        percent = 100 * (1 - len(survivors) / len(tried))
        unexplained = [mutant for mutant in survivors if f"`{mutant.key}`" not in explained]
        say(
            f"{package}: {percent:.1f} % of {len(tried)} faults noticed, {len(survivors)} not "
            f"({len(unexplained)} of them unexplained), {len(faults) - len(tried)} not tried"
        )
        for module in sorted({mutant.module for mutant in tried}):
            _say_module(module, tried, known)
        for mutant in unexplained:
            say(f"  {mutant.line}: {mutant.key}")
        good = good and percent >= GOAL_PERCENT and not unexplained and len(tried) == len(faults)
    return 0 if good else 1


def _say_module(module: str, tried: Sequence[Mutant], known: Mapping[str, Mapping[str, Any]]) -> None:
    its = [known[mutant.key]["survived"] for mutant in tried if mutant.module == module]
    say(f"  {module:38} {len(its) - sum(its):4} of {len(its):4}")


if __name__ == "__main__":
    sys.exit(main())
