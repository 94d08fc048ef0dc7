"""Writes `requirements/*.lock` anew from `pyproject.toml`. Called by `./check lock`; needs the package index.

Three locks of one resolution: `check.lock` holds everything the tests and linters need, `run.lock` the part of it that
the product needs, `tour.lock` what the guided tour needs besides. The first two name what builds the editable install
too, so that set-up fetches nothing without a hash. `axe.lock` is one package without what it asks for.
They name no index, no folder and no file address: whoever installs decides where packages come from.
"""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"

# The oldest C library among the systems we support (Debian 12 has 2.36, older wheels suit it).
PLATFORM = "x86_64-manylinux_2_36"


def _clean_environment() -> dict[str, str]:
    """Return the environment without the caller's own package sources, so that every hash is the public index's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    return {**kept, "PIP_CONFIG_FILE": os.devnull}


def _compile(lock: Path, arguments: list[str], requirements: str, *, upgrade: bool) -> None:
    """Resolve ``requirements``, and what ``arguments`` of `uv pip compile` name besides, into one lock file."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-config"]
    command += ["--python-version", "3.11", "--python-platform", PLATFORM]
    command += ["--generate-hashes", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    command += ["--custom-compile-command", "./check lock"]
    command += ["--upgrade"] if upgrade else []
    command += ["--output-file", str(lock), *arguments, "-"]
    subprocess.run(command, cwd=ROOT, env=_clean_environment(), input=requirements, text=True, check=True)


def _project(*extras: str) -> list[str]:
    return [*(option for extra in extras for option in ("--extra", extra)), "pyproject.toml"]


def main() -> None:
    """Renew all locks; with `--upgrade` to the newest versions, else changing only what `pyproject.toml` asks for."""
    upgrade = sys.argv[1:] == ["--upgrade"]
    if sys.argv[1:] and not upgrade:
        sys.exit("usage: ./check lock [--upgrade]")
    LOCKS.mkdir(exist_ok=True)
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    build = "\n".join(project["build-system"]["requires"])
    _compile(LOCKS / "check.lock", _project("server", "demo", "dev"), build, upgrade=upgrade)
    constrained = ["--constraint", str(LOCKS / "check.lock")]
    _compile(LOCKS / "run.lock", [*constrained, *_project("server")], build, upgrade=True)
    demo = "\n".join(project["project"]["optional-dependencies"]["demo"])
    _compile(LOCKS / "tour.lock", constrained, demo, upgrade=True)
    axe = "\n".join(project["dependency-groups"]["axe"])
    _compile(LOCKS / "axe.lock", ["--no-deps"], axe, upgrade=upgrade)
    print("Renewed requirements/check.lock, run.lock, tour.lock and axe.lock.")


if __name__ == "__main__":
    main()
