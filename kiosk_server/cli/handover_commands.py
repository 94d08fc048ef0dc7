"""``atrium-server kiosk handover``: look at and decide on what revoked or newly paired kiosks handed over."""

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from kiosk_protocol.identifiers import TenantId
from kiosk_server.cli.choosing import chosen_tenant
from kiosk_server.cli.printing import show, table
from kiosk_server.domain.problems import BadRequestError
from kiosk_server.domain.records import QuarantinedItem
from kiosk_server.domain.times import from_milliseconds, rfc3339
from kiosk_server.services import handover
from kiosk_server.services.house import OPERATOR, House


def kiosk_handover(house: House, arguments: Namespace) -> None:
    """List, show, accept or discard what lies in quarantine."""
    tenant = chosen_tenant(house, arguments)
    if arguments.what != "list" and arguments.kiosk is None:
        raise BadRequestError("kiosk", "Say whose: --kiosk ID.")
    if arguments.what in {"list", "show"} and arguments.check_in:
        raise BadRequestError("check_in", "--check-in chooses what is accepted or discarded.")
    _ACTIONS[arguments.what](house, tenant, arguments)


def _list(house: House, tenant: TenantId, arguments: Namespace) -> None:
    rows = [_row(item) for item in handover.list_quarantine(house, tenant, arguments.kiosk)]
    _show(rows, ("kioskId", "checkInId", "receivedAt", "keptUntil", "state"), arguments)


def _show_findings(house: House, tenant: TenantId, arguments: Namespace) -> None:
    rows = []
    for finding in handover.show_quarantine(house, tenant, arguments.kiosk):
        row = {**_row(finding.item), "visitId": None, "decidedAt": None, "finding": finding.evidence}
        if not isinstance(finding.evidence, str):
            decided_at = rfc3339(from_milliseconds(finding.evidence.record.decided_at_ms))
            row |= {"visitId": finding.evidence.claims.visit, "decidedAt": decided_at, "finding": "genuine"}
        rows.append(row)
    _show(rows, ("checkInId", "state", "finding", "visitId", "decidedAt"), arguments)


def _accept(house: House, tenant: TenantId, arguments: Namespace) -> None:
    answers = handover.accept(house, tenant, arguments.kiosk, OPERATOR, frozenset(arguments.check_in))
    rows = [
        {"checkInId": answer.check_in_id, "outcome": answer.outcome, "code": answer.code, "replayed": answer.replayed}
        for answer in answers
    ]
    _show(rows, ("checkInId", "outcome", "code"), arguments)


def _discard(house: House, tenant: TenantId, arguments: Namespace) -> None:
    items = handover.discard(house, tenant, arguments.kiosk, OPERATOR, frozenset(arguments.check_in))
    _show([{**_row(item), "state": "discarded"} for item in items], ("checkInId", "state", "keptUntil"), arguments)


_ACTIONS: Final[Mapping[str, Callable[[House, TenantId, Namespace], None]]] = {
    "list": _list,
    "show": _show_findings,
    "accept": _accept,
    "discard": _discard,
}
HANDOVER_ACTIONS: Final = tuple(_ACTIONS)


def _row(item: QuarantinedItem) -> dict[str, Any]:
    return {
        "kioskId": item.device,
        "checkInId": item.check_in_id,
        "receivedAt": rfc3339(item.received_at),
        "keptUntil": rfc3339(handover.ends_at(item)),
        "state": item.settlement or "waiting",
        "settledAt": rfc3339(item.settled_at),
    }


def _show(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], arguments: Namespace) -> None:
    lines = table([[str(row[name] or "") for name in columns] for row in rows]) if rows else ["There is nothing."]
    show({"items": list(rows)}, lines, as_json=arguments.json)
