"""An operator's first day under systemd, told to both services from outside. Started by `packaging/try-units`."""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path("/opt/atrium-try")
HAND = Path("/run/atrium-kiosk/hand")
SERVER_DATA = Path("/var/lib/atrium-server")
KIOSK, SERVER = "atrium-kiosk.service", "atrium-server.service"
PATIENCE_S = 30.0


class StepFailedError(Exception):
    """A step did not end as it must; says what was there instead."""


def command(*words: str) -> str:
    """Run a program and return what it prints."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StepFailedError(f"{' '.join(words)}: {done.stderr.strip()[-500:]}")
    return done.stdout


def server(*words: str) -> dict[str, str]:
    """Run an operator's command as docs/install.md says, with the credential and the user of the service."""
    run = ["systemd-run", "--quiet", "--pipe", "--wait", "--property=User=atrium-server", "--property=UMask=0077"]
    run += ["--property=LoadCredential=atrium-master-key", f"--setenv=ATRIUM_SERVER_DATA={SERVER_DATA}"]
    answer: dict[str, str] = json.loads(command(*run, "/opt/atrium-kiosk/bin/atrium-server", *words, "--json"))
    return answer


def window(**request: str) -> dict[str, object]:
    """Do something at the kiosk's window and return its answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(HAND))
        connection.sendall(json.dumps(request).encode() + b"\n")
        with connection.makefile("rb") as lines:
            answer: dict[str, object] = json.loads(lines.readline())
    if not answer.get("ok"):
        raise StepFailedError(f"{request}: {answer}")
    return answer


def shown() -> str:
    """Return the screen that the window shows, empty where there is no window."""
    try:
        return str(window(do="look")["screen"])
    except OSError:
        return ""


def wait(what: str, is_so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > until:
            raise StepFailedError(f"{what}: not within {PATIENCE_S:.0f} s; the window shows {shown() or 'nothing'}")
        time.sleep(0.1)


def process_of(unit: str) -> Path:
    """Return the folder that tells of a unit's main process."""
    return Path("/proc", command("systemctl", "show", "--property=MainPID", "--value", unit).strip())


def start() -> None:
    """Both are there within their patience, at the first attempt."""
    command("systemctl", "start", SERVER, KIOSK)
    wait("server and window", lambda: (SERVER_DATA / "server.json").exists() and bool(shown()))
    for unit in (SERVER, KIOSK):
        if command("systemctl", "show", "--property=NRestarts", "--value", unit).strip() != "0":
            raise StepFailedError(f"{unit} needed more than one start")


def confine() -> None:
    """Neither has a capability, and every system call goes through filters."""
    for unit in (SERVER, KIOSK):
        status = (process_of(unit) / "status").read_text()
        if not re.search(r"^CapBnd:\s+0+$", status, re.M) or not re.search(r"^Seccomp:\s+2$", status, re.M):
            raise StepFailedError(f"{unit} is not confined")


def keep_the_key_outside() -> None:
    """The master key came as a credential, so that none was made in the server's folder."""
    if (SERVER_DATA / "keys").exists():
        raise StepFailedError("the server made a master key of its own")


def pair() -> str:
    """A tenant, a site, a pairing window; the digits are typed on the kiosk's own keypad. Returns the site."""
    server("tenant", "create", "--slug", "acme", "--name", "Acme")
    site = server("site", "create", "--name", "Hall", "--time-zone", "Europe/Vienna", "--unknown-visit", "admit")["id"]
    opened = server("kiosk", "window", f"--site={site}")
    window(do="type", name="pairing-address", text=opened["setupCode"])
    for digit in opened["code"]:
        window(do="tap", name=f"keypad-{digit}")
    window(do="tap", name="pair-connect")
    wait("pairing", lambda: shown() not in ("Unpaired", "Pairing", ""))
    return site


def admit(site: str) -> None:
    """A visitor's code is held up to the camera: OpenCV, the decoder, signatures and both databases do their work."""
    code, picture = SERVER_DATA / "code.png", FOLDER / "pictures" / "code.png"
    now = datetime.now(UTC).isoformat(timespec="seconds")
    server("visit", "create", f"--site={site}", "--visitor-name", "Ada", "--arrival", now, "--qr-png", str(code))
    picture.write_bytes(code.read_bytes())
    picture.chmod(0o644)
    command("systemctl", "restart", KIOSK)
    wait("a green screen", lambda: shown() == "Admitted")
    window(do="screenshot", path="/var/lib/atrium-kiosk/data/admitted.png")
    (FOLDER / "admitted.png").write_bytes(Path("/var/lib/atrium-kiosk/data/admitted.png").read_bytes())


def come_back() -> None:
    """A kiosk that is killed stands there again by itself."""
    before = process_of(KIOSK)
    command("systemctl", "kill", "--signal=KILL", KIOSK)
    wait("another process", lambda: process_of(KIOSK) not in (before, Path("/proc/0")) and bool(shown()))


def end() -> None:
    """Both end when told, cleanly, and PostgreSQL with its server."""
    command("systemctl", "stop", SERVER, KIOSK)
    for unit in (SERVER, KIOSK):
        if command("systemctl", "show", "--property=Result", "--value", unit).strip() != "success":
            raise StepFailedError(f"{unit} did not end cleanly")
    owners = command("ps", "-eo", "user:20").split()
    if {"atrium-server", "atrium-kiosk"} & set(owners):
        raise StepFailedError("a process stayed behind")


def main() -> None:
    """Take the steps in turn until one fails."""
    sites: list[str] = []
    steps: list[tuple[str, Callable[[], object]]] = [
        ("both units start at the first attempt", start),
        ("no capability, and a filter for every system call", confine),
        ("the master key is the credential", keep_the_key_outside),
        ("the kiosk is paired", lambda: sites.append(pair())),
        ("a visitor is admitted", lambda: admit(sites[0])),
        ("a killed kiosk comes back", come_back),
        ("both end cleanly", end),
    ]
    for name, step in steps:
        began = time.monotonic()
        try:
            step()
        except (StepFailedError, OSError, ValueError, KeyError) as error:
            print(f"FAILED: {name}: {error!r}", flush=True)
            sys.exit(1)
        print(f"ok: {name} ({time.monotonic() - began:.1f} s)", flush=True)
    print("ok: all done", flush=True)


if __name__ == "__main__":
    main()
