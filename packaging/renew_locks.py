"""Writes `requirements/*.lock` anew from `pyproject.toml`. Called by `./check lock`; needs the package index.

Two locks of one resolution: `check.lock` holds everything the tests and linters need, `run.lock` the part of it that
the product needs. Both name what builds the editable install too, so that set-up fetches nothing without a hash.
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


def _compile(lock: Path, extras: list[str], constraint: Path | None, upgrade: bool) -> None:
    """Resolve `pyproject.toml` with these extras and the build requirements into one lock file."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        build = "\n".join(tomllib.load(file)["build-system"]["requires"])
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-config"]
    command += ["--python-version", "3.11", "--python-platform", PLATFORM]
    command += ["--generate-hashes", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    command += ["--custom-compile-command", "./check lock"]
    command += [option for extra in extras for option in ("--extra", extra)]
    command += ["--constraint", str(constraint)] if constraint else []
    command += ["--upgrade"] if upgrade else []
    command += ["--output-file", str(lock), "pyproject.toml", "-"]
    subprocess.run(command, cwd=ROOT, env=_clean_environment(), input=build, text=True, check=True)


def main() -> None:
    """Renew both locks; with `--upgrade` to the newest versions, else changing only what `pyproject.toml` asks for."""
    upgrade = sys.argv[1:] == ["--upgrade"]
    if sys.argv[1:] and not upgrade:
        sys.exit("usage: ./check lock [--upgrade]")
    LOCKS.mkdir(exist_ok=True)
    _compile(LOCKS / "check.lock", ["server", "dev"], constraint=None, upgrade=upgrade)
    _compile(LOCKS / "run.lock", ["server"], constraint=LOCKS / "check.lock", upgrade=True)
    print("Renewed requirements/check.lock and requirements/run.lock.")


if __name__ == "__main__":
    main()
