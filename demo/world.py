"""The whole product on this machine: server, cable, tenant, people, and folders that vanish with the demo."""

import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from demo.cable import Cable
from demo.evidence import Evidence
from demo.kiosk import Kiosk
from demo.lobby import Lobby
from demo.mail_catcher import caught
from demo.server import Invitation, Server
from demo.visitor.stage import VisitorStage

TENANT = "lindenhof"
TENANT_NAME = "Lindenhof"
SITE_A = "Lindenhof House"
SITE_B = "Harbour Office"
INSTALLER = "ines.installer@lindenhof.example"
RECEPTIONIST = "rafael.reception@lindenhof.example"
HOSTS = ("Grace Hopper", "Alan Turing")
ROOM = "Room Ada, 2nd floor"
SENDER = "atrium@lindenhof.example"
SILENCE = ("--offline-after-seconds", "20", "--alert-after-minutes", "0.4", "--alert-role", "installer")
"""A demo has no ten minutes: a kiosk counts as offline after 20 s, and after 24 s its installers are told."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Identifiers the server gave to the demo's sites and hosts, and passwords of all by their email address."""

    site_a: str
    site_b: str
    hosts: tuple[str, ...]
    passwords: Mapping[str, str] = field(repr=False)


class World:
    """Server, cable and tenant, up and filled. Use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.codes = folder / "codes"
        self.codes.mkdir(parents=True, exist_ok=True)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            self.cable = opening.enter_context(Cable())
            self.mail = opening.enter_context(caught())
            port = _free_port()
            alerts = ("--smtp-url", f"smtp://127.0.0.1:{self.mail.port}", "--smtp-from", SENDER, *SILENCE)
            self.server = Server(self.folder / "server", port, f"https://127.0.0.1:{self.cable.port}", alerts)
            opening.callback(self.server.stop)
            self.server.start()
            self.cable.plug_in(port, self.ca_file, self.server.data / "tls" / "server.pem")
            self.evidence = Evidence(self.server.data / "postgres")
            self.cast = self._fill()
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def ca_file(self) -> Path:
        """The certificate of the server's own CA."""
        return self.server.data / "tls" / "ca.pem"

    def lobby(self, name: str, options: tuple[str, ...] = (), *, offscreen: bool = True) -> Lobby:
        """Return a door with a kiosk of its own, not started yet."""
        stage = VisitorStage()
        camera = f"mjpeg:{stage.url}"
        return Lobby(name, stage, Kiosk(self.folder / name, camera, options, offscreen=offscreen))

    def invite(
        self,
        name: str,
        arrival: timedelta = timedelta(minutes=-10),
        stay: timedelta = timedelta(hours=2),
        *,
        site: str | None = None,
    ) -> Invitation:
        """Register a visit that begins ``arrival`` from now, and write its code."""
        begin = datetime.now(UTC).replace(microsecond=0) + arrival
        who = ("--tenant", TENANT, "--site", site or self.cast.site_a, "--host", self.cast.hosts[0], "--room", ROOM)
        picture = self.codes / f"{name.lower().replace(' ', '-')}.png"
        return self.server.invite(who, name, picture, begin, begin + stay)

    def _fill(self) -> Cast:
        """Create the tenant, two sites, an installer, a receptionist and two hosts."""
        self.server.command("tenant", "create", "--slug", TENANT, "--name", TENANT_NAME)
        site_a, site_b = (
            self.server.command("site", "create", "--tenant", TENANT, "--name", name, *options)["siteId"]
            for name, options in (
                (SITE_A, ("--time-zone", "Europe/Berlin", "--brand-colour", "#1f5f8b", "--early-minutes", "30")),
                (SITE_B, ("--time-zone", "Europe/London", "--brand-colour", "#7a3e65", "--early-minutes", "30")),
            )
        )
        people = (
            (INSTALLER, "Ines Installer", "installer"),
            (RECEPTIONIST, "Rafael Reception", "site_admin"),
            *((f"{name.split()[0].lower()}@lindenhof.example", name, "member") for name in HOSTS),
        )
        users = [
            self.server.command(
                "user", "create", "--tenant", TENANT, "--email", email, "--name", name, "--role", role, "--site", site_a
            )
            for email, name, role in people
        ]
        passwords = {email: user["password"] for (email, _, _), user in zip(people, users, strict=True)}
        return Cast(site_a, site_b, tuple(user["userId"] for user in users[2:]), passwords)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
