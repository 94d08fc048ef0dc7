"""Chromium without a display, with folders of its own, that speaks to the loopback address and trusts one CA more.

That CA is put into the browser's own certificate store (NSS), as an administrator would do it: chain, name and dates
of the server's certificate are then really checked. Pinning a key or overlooking certificate errors would have been a
flag, and would have passed with a certificate that no browser outside takes.
"""

import contextlib
import os
import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import which

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.proxy import Proxy, ProxyType
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.webdriver import WebDriver

from demo.children import Child, run_to_end
from demo.waiting import wait_until

_CHROMIUM, _DRIVER, _CERTUTIL = "chromium", "chromedriver", "certutil"
_START_S = 60.0
_COMMAND_S = 60
_CERTUTIL_S = 30.0
_GONE_S = 10.0
_PORT = re.compile(r"started successfully on port (\d+)")

_FLAGS = (
    "--headless=new",
    # As root and in most containers there is no sandbox to be had; the only pages are those of our own server.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    # Nothing but this machine: what the browser would like to ask elsewhere, it cannot even look up.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-breakpad",
    "--no-first-run",
    # The driver talks through a pipe: no port for others to find, and the browser ends when the driver does.
    "--remote-debugging-pipe",
    # Letters are drawn the same on every machine.
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--hide-scrollbars",
)


class BrowserError(Exception):
    """The browser does not start, does not answer, or its page does not show what is looked for."""


def missing_programs() -> list[str]:
    """Return which of the browser's programs are not installed; ``./run`` and ``./check`` install them."""
    return [name for name in (_CHROMIUM, _DRIVER, _CERTUTIL) if which(name) is None]


@contextmanager
def chromium(folder: Path, ca_file: Path) -> Iterator[WebDriver]:
    """Run a browser with its home, profile and temporary files in ``folder``, trusting ``ca_file``.

    Raises:
        BrowserError: something it needs is not installed, or it does not start.
        ChildError: its driver does not start.
    """
    if missing := missing_programs():
        raise BrowserError(f"not installed: {', '.join(missing)}; ./run --set-up-only installs it")
    environment = _environment(folder)
    _trust(folder / "home", ca_file, environment)
    log = folder / "browser.log"
    with ExitStack() as closing:
        command = [str(which(_DRIVER)), "--port=0"]
        child = Child("the browser's driver", command, log, environment)
        closing.callback(_end, child)
        child.expect("listen", lambda: _PORT.search(_text(log)) is not None, _START_S)
        found = _PORT.search(_text(log))
        driver = _session(f"http://127.0.0.1:{found[1] if found else 0}", folder / "profile")
        closing.callback(_quit, driver)
        yield driver


def _environment(folder: Path) -> Mapping[str, str]:
    """Return an environment with home and temporary files of the browser's own."""
    for name in ("home", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    return kept | {"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp")}


def _trust(home: Path, ca_file: Path, environment: Mapping[str, str]) -> None:
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    for arguments in (
        ("-N", "--empty-password"),
        ("-A", "-t", "C,,", "-n", "Atrium", "-i", str(ca_file)),
    ):
        command = [str(which(_CERTUTIL)), "-d", f"sql:{database}", *arguments]
        answer = run_to_end(command, environment, _CERTUTIL_S)
        if answer.returncode != 0:
            raise BrowserError(f"certutil {arguments[0]}: {answer.stderr.strip()}")


def _session(address: str, profile: Path) -> WebDriver:
    options = webdriver.ChromeOptions()
    options.binary_location = str(which(_CHROMIUM))
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    # The caller's proxy is for the way out; the driver is on this machine.
    direct = Proxy({"proxyType": ProxyType.DIRECT})
    config = ClientConfig(remote_server_addr=address, proxy=direct, timeout=_COMMAND_S)
    try:
        return webdriver.Remote(command_executor=address, options=options, client_config=config)
    except WebDriverException as error:
        raise BrowserError(f"Chromium does not start: {error.msg}") from error


def _quit(driver: WebDriver) -> None:
    # A driver that is gone already cannot be told; its processes are ended below in any case.
    with contextlib.suppress(Exception):
        driver.quit()


def _end(child: Child) -> None:
    """Stop the driver and whatever of the browser is left: all of it is in the session that the driver leads."""
    child.stop()
    if not wait_until(lambda: not _is_there(child.pid), _GONE_S):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def _is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
