"""What demo and panel say to each other: the demo tells the whole situation at each change, the panel sends wishes.

One JSON object a line on a socket that only this user can open.
"""

import json
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Self


class Do(StrEnum):
    """What the panel can ask for."""

    HELLO = "hello"
    """The panel is there; says the screen's free area as ``x,y,width,height``."""
    HOLD_UP = "hold_up"
    PUT_AWAY = "put_away"
    CUT_NETWORK = "cut_network"
    MEND_NETWORK = "mend_network"
    STOP_SERVER = "stop_server"
    START_SERVER = "start_server"
    KILL_KIOSK = "kill_kiosk"
    PULL_POWER = "pull_power"
    MOVE_CLOCK = "move_clock"
    NEW_DIGITS = "new_digits"


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing asked for. ``what``: the code's key, the clock's move or the screen; ``prop``: phone or paper."""

    do: Do
    what: str = ""
    prop: str = ""

    def line(self) -> bytes:
        """Return it as a line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Self:
        """Return the wish in a line. Raises ValueError."""
        members = json.loads(line)
        return cls(Do(members["do"]), str(members["what"]), str(members["prop"]))


@dataclass(frozen=True, slots=True)
class Offer:
    """A code that can be held up. ``note`` says what is special about it."""

    key: str
    title: str
    note: str
    """What is special about it, in a few words."""
    is_ready: bool


@dataclass(frozen=True, slots=True)
class Access:
    """How to sign in at the dashboard."""

    address: str
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the panel shows, except for the ledger. Texts are whole sentences."""

    offers: tuple[Offer, ...]
    access: Access
    digits: str = ""
    """Six digits to pair with; empty once the kiosk is paired."""
    held: str = ""
    """Key of the code before the camera."""
    picture: str = ""
    """Where a real camera looks: the picture file to show it."""
    network_is_cut: bool = False
    server_runs: bool = True
    kiosk_runs: bool = True
    clock_off_s: int = 0
    busy: str = ""
    """What the demo is doing now; nothing else can be asked for meanwhile."""
    remark: str = ""
    """What just happened and what to look at."""
    power_note: str = ""
    """What pulling the power cannot show on this machine; empty where it shows all."""
    clock_note: str = ""
    """Why the clock cannot be moved on this machine; empty where it can."""
    camera_note: str = ""
    """How codes are held up where a real camera looks; empty with simulated visitors."""

    def line(self) -> bytes:
        """Return it as a line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Self:
        """Return the situation in a line. Raises ValueError."""
        members: dict[str, Any] = json.loads(line)
        members["offers"] = tuple(Offer(**offer) for offer in members["offers"])
        members["access"] = Access(**members["access"])
        return cls(**{field.name: members[field.name] for field in fields(cls)})
