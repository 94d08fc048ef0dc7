"""The report for IT: findings, versions, counters and the log's tail. Nothing in it has a field for a person."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from kiosk_app.core.health import Finding
from kiosk_app.core.health_words import FINDINGS
from kiosk_app.core.outbox import QueueState


def finding_in_words(finding: Finding) -> str:
    """Return the finding's English sentence, for a terminal or a file."""
    since = "" if finding.since is None else finding.since.strftime("%Y-%m-%d %H:%M UTC")
    cause = "" if finding.cause is None else finding.cause.value
    return FINDINGS[finding.code].format(time=since, cause=cause, count=finding.count, detail=finding.detail)


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """Return the finding for programs; moments in RFC 3339."""
    since = None if finding.since is None else finding.since.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "code": finding.code.code,
        "subject": finding.subject.value,
        "state": finding.state.value,
        "cause": None if finding.cause is None else finding.cause.value,
        "count": finding.count,
        "since": since,
        "sentence": finding_in_words(finding),
    }


def report(
    findings: Sequence[Finding], versions: Mapping[str, str], queue: QueueState, log: Sequence[str], now_ms: int
) -> bytes:
    """Return the report as JSON in UTF-8."""
    content = {
        "madeAt": datetime.fromtimestamp(now_ms // 1000, UTC).isoformat().replace("+00:00", "Z"),
        "versions": dict(versions),
        "counters": {"waiting": queue.waiting, "parked": queue.parked},
        "findings": [finding_as_json(finding) for finding in findings],
        "log": list(log),
    }
    return (json.dumps(content, indent=2) + "\n").encode("utf-8")
