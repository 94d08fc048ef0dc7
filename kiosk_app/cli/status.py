"""``atrium-kiosk status``: how this kiosk is, read beside a running one and never written."""

import argparse
import json
from datetime import UTC, datetime
from typing import Any, Final

from kiosk_app.bootstrap.report import versions
from kiosk_app.cli.exits import OK, answer
from kiosk_app.cli.opening import paths_of
from kiosk_app.core.checkin import ClockMemory, Identity
from kiosk_app.core.clock_guard import Estimate
from kiosk_app.core.outbox import QueueState
from kiosk_app.services.renewal import token_span
from kiosk_app.services.timekeeping import TimeKeeper
from kiosk_app.settings import read_moment_ms
from kiosk_app.store.kiosk_store import KioskStore
from kiosk_app.system_clock import SystemClock

_DAY_S: Final = 24 * 3600


def main(options: argparse.Namespace) -> int:
    """Say how this kiosk is."""
    state = read_state(options)
    if options.json:
        answer(json.dumps(state))
    else:
        for name, value in state.items():
            answer(f"{name:<15} {_spell(value)}")
    return OK


def read_state(options: argparse.Namespace) -> dict[str, Any]:
    """Return the state as the JSON answer has it; moments in RFC 3339, ages in seconds."""
    store = KioskStore.open_read_only(paths_of(options).data)
    built_at_ms = read_moment_ms(options.build_time)
    if store is None:
        return _state(None, QueueState(), None, TimeKeeper(SystemClock(), ClockMemory(0, None), built_at_ms))
    try:
        keeper = TimeKeeper(SystemClock(), store.load_clock(), built_at_ms)
        return _state(store, store.queue_state(), store.feed_complete_at_ms(), keeper)
    finally:
        store.close()


def _state(store: KioskStore | None, queue: QueueState, feed_at_ms: int | None, keeper: TimeKeeper) -> dict[str, Any]:
    identity = None if store is None else store.load_identity()
    estimate = keeper.now()
    return {
        "paired": identity is not None,
        "revoked": store is not None and store.was_revoked(),
        "device": None if identity is None else identity.device,
        "site": None if identity is None else identity.site,
        "siteName": None if identity is None else identity.configuration.site_name,
        "server": None if identity is None else identity.base_url,
        "waiting": queue.waiting,
        "oldest": _moment(queue.oldest_ms),
        "parked": queue.parked,
        "lastContact": _moment(feed_at_ms),
        "feedAgeSeconds": None if feed_at_ms is None else max(0, (estimate.now_ms - feed_at_ms) // 1000),
        "clock": estimate.standing.value,
        "trustAgeSeconds": None if identity is None else identity.trust.age_s(estimate.now_s),
        **_token(identity, estimate),
        "versions": versions(),
    }


def _token(identity: Identity | None, estimate: Estimate) -> dict[str, Any]:
    if identity is None:
        return {"tokenExpires": None, "tokenDaysLeft": None, "tokenEndsSoon": False}
    span = token_span(identity.device_token)
    days = max(0, span.expires_s - estimate.safe_s) // _DAY_S
    soon = span.ends_soon(estimate.safe_s)
    return {"tokenExpires": _moment(span.expires_s * 1000), "tokenDaysLeft": days, "tokenEndsSoon": soon}


def _moment(ms: int | None) -> str | None:
    return None if ms is None else datetime.fromtimestamp(ms // 1000, UTC).isoformat().replace("+00:00", "Z")


def _spell(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {version}" for name, version in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)
