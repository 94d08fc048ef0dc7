"""``atrium-server serve`` as the process it is: starts, announces itself, ends when told, complains in one sentence."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from kiosk_server import serving
from kiosk_server.postgres.waiting import wait_until
from kiosk_server.settings import Settings

START_LIMIT = timedelta(seconds=60)
END_LIMIT_S = 5.0

Start = Callable[..., "Process"]


class Process:
    """A running or ended ``atrium-server serve``."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.child = subprocess.Popen(
            [sys.executable, "-m", "kiosk_server", "serve", "--data", str(data), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        )

    @property
    def notice(self) -> Path:
        return self.data / "server.json"

    def await_ready(self) -> dict[str, Any]:
        assert wait_until(lambda: self.notice.exists() or self.child.poll() is not None, START_LIMIT)
        assert self.child.poll() is None, self.child.communicate()
        return dict(json.loads(self.notice.read_text()))

    def command(self, *arguments: str) -> dict[str, Any]:
        """Run another command on the same data folder."""
        command = [sys.executable, "-m", "kiosk_server", *arguments, "--json", "--data", str(self.data)]
        return dict(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Tell it to stop and return exit status and log."""
        self.child.send_signal(number)
        _, log = self.child.communicate(timeout=END_LIMIT_S)
        return self.child.returncode, log

    def fail(self) -> tuple[int, list[str]]:
        """Wait until it has given up and return exit status and the lines it said."""
        _, log = self.child.communicate(timeout=START_LIMIT.total_seconds())
        return self.child.returncode, log.splitlines()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Start]:
    """Start servers on a data folder of this test; none outlives it."""
    started: list[Process] = []

    def start(*options: str) -> Process:
        started.append(Process(tmp_path / "data", *options))
        return started[-1]

    yield start
    for process in started:
        if process.child.poll() is None:
            process.child.terminate()
            process.child.communicate(timeout=2 * END_LIMIT_S)


def client(note: dict[str, Any]) -> httpx.Client:
    context = ssl.create_default_context(cafile=note["caFile"])
    return httpx.Client(base_url=note["url"], verify=context, trust_env=False)


def test_serves_until_told_to_stop_and_takes_its_port_again(serve: Start) -> None:
    """Ends within five seconds with connections open and a request half sent; the next run has the same address."""
    first = serve()
    note = first.await_ready()
    assert note["pid"] == first.child.pid
    address = ("127.0.0.1", int(note["url"].rpartition(":")[2]))
    with client(note) as idle, socket.create_connection(address) as half:
        assert idle.get("/health").json()["status"] == "ok"
        half.sendall(b"\x16\x03\x01")
        status, log = first.end()
    assert status == 0, log
    assert "GET /health 200" in log
    assert not first.notice.exists()
    assert not (first.data / "postgres" / "cluster" / "postmaster.pid").exists()
    second = serve()
    assert second.await_ready()["url"] == note["url"]
    assert second.end(signal.SIGINT)[0] == 0


def test_commands_share_the_running_database_and_queries_stay_out_of_the_log(serve: Start) -> None:
    """A tenant made while it serves is there at once; what stands behind a question mark is in no log."""
    process = serve("--public-url", "https://door.example:8443/")
    note = process.await_ready()
    process.command("tenant", "create", "--slug", "acme", "--name", "Acme")
    process.command("site", "create", "--name", "House", "--time-zone", "UTC")
    site = process.command("site", "list")["sites"][0]["id"]
    with client(note) as asking:
        assert asking.get("/api/v1/visits?secret=hunter2").status_code == 401
    setup_code = process.command("kiosk", "window", "--site", site)["setupCode"]
    assert process.command("database")["url"].endswith(f"host={process.data}/postgres/cluster&port=5432")
    assert setup_code == f"https://door.example:8443/p/acme/{site}"
    _, log = process.end()
    assert "GET /api/v1/visits 401" in log
    assert "hunter2" not in log


def test_taken_port_is_one_sentence_and_exit_three(serve: Start) -> None:
    """SRV-6, before anything else is started."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        status, lines = serve("--port", str(other.getsockname()[1])).fail()
    assert (status, len(lines)) == (3, 1)
    assert "SRV-6" in lines[0]


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        (("--host", "203.0.113.1"), 3, "SRV-7"),
        (("--public-url", "http://door.example"), 2, "SRV-8"),
        (("--public-url", "https://door.example/path"), 2, "SRV-8"),
        (("--public-url", "https://door.example:x"), 2, "SRV-8"),
        (("--offline-after-seconds", "5"), 2, "SRV-8"),
        (("--offline-after-seconds", "soon"), 2, "SRV-8"),
        (("--smtp-url", "smtp://127.0.0.1", "--alert-after-minutes", "2"), 2, "SRV-8"),
    ],
)
def test_foreign_settings_are_one_sentence(serve: Start, options: tuple[str, ...], status: int, code: str) -> None:
    """An address that is not ours, a public address that is none, a silence too short to mean anything."""
    ended, lines = serve(*options).fail()
    assert (ended, len(lines)) == (status, 1)
    assert code in lines[0]


def test_second_server_on_one_data_folder_gives_way(serve: Start) -> None:
    """PG-6 names the folder's holder; the first serves on."""
    first = serve()
    note = first.await_ready()
    status, lines = serve("--port", "0", "--host", "127.0.0.2").fail()
    assert status == 4
    assert "PG-6" in lines[-1]
    with client(note) as asking:
        assert asking.get("/health").status_code == 200


def test_database_that_dies_ends_the_server_with_a_sentence(serve: Start) -> None:
    """SRV-1 and exit 4, so that whoever supervises starts both again."""
    process = serve()
    process.await_ready()
    postmaster = int((process.data / "postgres" / "cluster" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGKILL)
    status, lines = process.fail()
    assert status == 4
    assert "SRV-1" in lines[-1]
    assert not process.notice.exists()


def test_stop_while_starting_leaves_nothing_behind(serve: Start) -> None:
    """As soon as PostgreSQL is on its way."""
    process = serve()
    cluster = process.data / "postgres"
    assert wait_until(cluster.exists, START_LIMIT)
    status, _ = process.end()
    assert status == 0
    assert not process.notice.exists()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01 garbage\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n",
        # Refused while most of it is still on its way: the answer must outlive what nobody wants to read.
        b"GET /health HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 4_000_000 + b"\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["garbage", "no host", "long header", "huge header", "two lengths", "negative length"],
)
def test_bytes_that_are_no_request_get_the_usual_error(serve: Start, request_bytes: bytes) -> None:
    """A machine word and a sentence as everywhere else, then the line is closed; the next caller is served."""
    note = serve().await_ready()
    trust = ssl.create_default_context(cafile=note["caFile"])
    port = int(note["url"].rsplit(":", 1)[1])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        trust.wrap_socket(plain, server_hostname="127.0.0.1") as line,
    ):
        line.sendall(request_bytes)
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body).keys() == {"error", "message"}
    with client(note) as caller:
        assert caller.get("/health").status_code == 200


def test_tls_below_1_2_is_refused(serve: Start) -> None:
    """The same client gets in with 1.2 and not with 1.1."""
    note = serve().await_ready()
    assert _shake_hands(note, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    with pytest.warns(DeprecationWarning, match="TLSv1_1"), pytest.raises(ssl.SSLError):
        _shake_hands(note, ssl.TLSVersion.TLSv1_1)


def _shake_hands(note: dict[str, Any], newest: ssl.TLSVersion) -> str | None:
    context = ssl.create_default_context(cafile=note["caFile"])
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = newest
    port = int(note["url"].rpartition(":")[2])
    plain = socket.create_connection(("127.0.0.1", port))
    with plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as secured:
        return secured.version()


def test_certificate_is_renewed_while_serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loaded into the running context once its time has come, and tried again where that fails."""
    settings = Settings(tmp_path)
    base_url = "https://door.example:8443"
    certificate = serving._certificate(settings, base_url)
    config = serving._configuration(FastAPI(), certificate)
    now = datetime.now(UTC)
    renewal = serving._Renewal(settings, base_url, replace(certificate, renew_at=now - timedelta(days=1)), config)
    former = certificate.chain_file.read_bytes()
    (tmp_path / "tls" / "authority.pem").chmod(0o644)
    renewal()
    assert certificate.chain_file.read_bytes() == former
    (tmp_path / "tls" / "authority.pem").chmod(0o600)
    monkeypatch.setattr(serving, "utc_now", lambda: certificate.renew_at + timedelta(seconds=1))
    renewal()
    renewed = certificate.chain_file.read_bytes()
    assert renewed != former
    monkeypatch.undo()
    renewal()
    assert certificate.chain_file.read_bytes() == renewed


LOST = """
import os, signal, threading
from kiosk_server import serving
class Last:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        len("x")
with serving._signals() as stopping:
    last = Last()
    del last
    print("dropped", stopping.is_set())
    worker = serving._Worker("works on", threading.Event().wait)
    worker.start()
    serving._watch(worker, worker, None, stopping)
    print("ended")
"""

STOPPED = """
import os, signal, threading
from kiosk_server import serving
go_home = threading.Event()
worker = serving._Worker("works on", go_home.wait)
worker.start()
try:
    with serving._signals() as stopping:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
        serving._watch(worker, worker, None, stopping)
except serving.StopRequestedError:
    print("stopped", worker.is_alive(), worker.ended.is_set())
go_home.set()
worker.join()
print("home", worker.ended.is_set())
"""


def test_a_stop_that_the_interpreter_dropped_still_ends_the_server() -> None:
    """An exception raised in a finalizer is printed and dropped; the server ends all the same."""
    answer = subprocess.run([sys.executable, "-c", LOST], check=False, capture_output=True, text=True, timeout=20)
    assert answer.stdout == "dropped True\nended\n"
    assert "Exception ignored" in answer.stderr


def test_a_stop_leaves_no_living_thread_for_dead() -> None:
    """Nothing that a thread still uses may be closed; a stop that arrives in ``join`` would make it look ended."""
    answer = subprocess.run([sys.executable, "-c", STOPPED], check=False, capture_output=True, text=True, timeout=60)
    assert answer.stdout == "stopped True False\nhome True\n", answer.stderr


def test_an_smtp_address_that_is_none_is_refused_before_anything_starts(tmp_path: Path) -> None:
    """With the sentence's code, and without the password that may stand in it."""
    process = Process(tmp_path / "data", "--smtp-url", "mail://user:secret@mail.example")
    _, log = process.child.communicate(timeout=30)
    assert process.child.returncode == 2
    assert "SRV-8" in log
    assert "secret" not in log
