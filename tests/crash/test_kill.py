"""``kill -9`` at random moments of a scan session: no green without a stored row, no double, always starts again."""

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import segno

from tests.crash.ledger import Prepared, check, prepare

START_S = 60.0


def read_until(process: "subprocess.Popen[str]", word: str, lines: list[str]) -> None:
    """Collect lines until one holds ``word``; the process must not end before."""
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if word in line:
            return
    raise AssertionError(f"the kiosk ended: {lines[-5:]}")


def kill_after(process: "subprocess.Popen[str]", seconds: float) -> list[str]:
    """Kill the process in so many seconds; return the lines it got out before."""
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    output, _ = process.communicate(timeout=START_S)
    timer.join()
    return output.splitlines()


def run_loop(prepared: Prepared, tokens: Path, used: int, seconds: float) -> set[str]:
    """Run the loop over codes not used yet, kill it, and return the greens it showed."""
    command = [
        sys.executable,
        "-m",
        "tests.crash.scan_loop",
        prepared.paths.data,
        prepared.paths.keys,
        tokens,
        str(used),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    lines: list[str] = []
    read_until(process, "ready", lines)
    lines += kill_after(process, seconds)
    return {line.split()[1] for line in lines if line.startswith("green ") and len(line.split()) == 2}


def torture_loop(folder: Path, deaths: int, visits: int) -> None:
    prepared = prepare(folder, visits)
    tokens = folder / "tokens"
    tokens.write_text("\n".join(prepared.tokens), "ascii")
    chance = random.Random()
    greens: set[str] = set()
    used = 0
    for _ in range(deaths):
        greens |= run_loop(prepared, tokens, max(0, used - 1), chance.uniform(0.0, 0.15))
        used = check(prepared.paths, greens)
        assert used <= len(greens) + deaths, "at most the one under way is stored and was not shown"
    assert greens


def test_a_few_deaths_of_the_decision_loop_cost_nothing(tmp_path: Path) -> None:
    torture_loop(tmp_path, deaths=4, visits=150)


@pytest.mark.torture
def test_many_deaths_of_the_decision_loop_cost_nothing(tmp_path: Path) -> None:
    torture_loop(tmp_path, deaths=50, visits=4_000)


def greens_in(lines: list[str]) -> set[str]:
    """Return the ids in whole lines that tell an admission."""
    told = [line for line in lines if " decided verdict=Admit " in line and "took_ms=" in line]
    return {part.removeprefix("check_in=") for line in told for part in line.split() if part.startswith("check_in=")}


def run_window(prepared: Prepared, camera: Path, seconds: float) -> set[str]:
    """Run the real kiosk with a window, kill it so long after it began to look, and return the greens it told."""
    command = [
        sys.executable, "-m", "kiosk_app", "run", "--data", prepared.paths.data, "--keys", prepared.paths.keys,
        "--camera", f"folder:{camera}", "--window", "540x960",
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )
    lines: list[str] = []
    read_until(process, " started ", lines)
    return greens_in(lines + kill_after(process, seconds))


def torture_window(folder: Path, deaths: int) -> None:
    prepared = prepare(folder, deaths)
    camera = folder / "camera"
    camera.mkdir()
    chance = random.Random()
    greens: set[str] = set()
    for token in prepared.tokens:
        segno.make_qr(token, error="m").save(str(camera / "code.png"), scale=6, border=6)
        greens |= run_window(prepared, camera, chance.uniform(0.0, 1.0))
        check(prepared.paths, greens)
    # Deaths that all came before the first answer, or all long after it, would prove nothing.
    assert 0 < len(greens) < deaths


@pytest.mark.torture
def test_fifty_deaths_of_the_real_kiosk_cost_nothing(tmp_path: Path) -> None:
    torture_window(tmp_path, deaths=50)
