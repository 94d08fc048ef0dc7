"""The OpenAPI document, built from the endpoints' messages, and a page that shows it without any foreign script."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from types import NoneType
from typing import Any, Final

import msgspec

from kiosk_protocol.messages import ErrorBody, RevokedBody
from kiosk_server.domain.roles import TokenType
from kiosk_server.http.endpoints import Endpoint

_REF: Final = "#/components/schemas/{name}"
_SECURITY: Final[Mapping[TokenType, str]] = {
    TokenType.USER: "userToken",
    TokenType.KIOSK: "kioskToken",
    TokenType.AGENT: "agentCertificate",
}
SECURITY_SCHEMES: Final = {
    "userToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "kioskToken": {
        "type": "http",
        "scheme": "dpop",
        "description": "The device token, and in the header DPoP a proof of the device key (RFC 9449).",
    },
}


def schemas(endpoints: Iterable[Endpoint[Any]]) -> dict[str, Any]:
    """Return the JSON schemas of every message of ``endpoints`` by name."""
    kinds = {kind for endpoint in endpoints for kind in (endpoint.takes, endpoint.gives) if kind is not NoneType}
    _, components = msgspec.json.schema_components(
        sorted(kinds | {ErrorBody, RevokedBody}, key=lambda kind: kind.__name__), ref_template=_REF
    )
    return dict(components)


def describe(endpoint: Endpoint[Any]) -> dict[str, Any]:
    """Return what the OpenAPI document says of one endpoint beyond its summary."""
    answer: dict[str, Any] = {"description": "Done."}
    if endpoint.gives is not NoneType:
        answer["content"] = _content(endpoint.gives)
    status = "204" if endpoint.gives is NoneType and not endpoint.path.endswith(".pem") else str(endpoint.status)
    refusal = {"description": "Refused.", "content": _content(ErrorBody)}
    described: dict[str, Any] = {
        "parameters": _parameters(endpoint),
        "responses": {status: answer, "4XX": refusal, "503": refusal},
        "security": [{_SECURITY[kind]: []} for kind in sorted(endpoint.tokens)],
    }
    if TokenType.KIOSK in endpoint.tokens:
        described["responses"]["401"] = {
            "description": "Refused; a revoked kiosk is given the signed revocation.",
            "content": {"application/json": {"schema": {"anyOf": [_reference(ErrorBody), _reference(RevokedBody)]}}},
        }
    if endpoint.takes is not NoneType:
        described["requestBody"] = {"required": True, "content": _content(endpoint.takes)}
    return described


def _content(kind: type[Any]) -> dict[str, Any]:
    return {"application/json": {"schema": _reference(kind)}}


def _reference(kind: type[Any]) -> dict[str, str]:
    return {"$ref": _REF.format(name=kind.__name__)}


def _parameters(endpoint: Endpoint[Any]) -> list[dict[str, Any]]:
    text = {"type": "string"}
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": text} for name in re.findall(r"{(\w+)}", endpoint.path)
    ]
    in_query = [
        {"name": entry.name, "in": "query", "schema": dict(entry.schema), "description": entry.description}
        for entry in endpoint.query
    ]
    return in_path + in_query


def docs_page(endpoints: Sequence[Endpoint[Any]]) -> str:
    """Return a page that lists the endpoints; complete in itself, since servers may have no way to the internet."""
    rows = "".join(
        f"<tr><td>{endpoint.method}</td><td><code>{html.escape(endpoint.path)}</code></td>"
        f"<td>{', '.join(sorted(endpoint.tokens)) or 'none'}</td>"
        f"<td>{_name(endpoint.takes)}</td><td>{_name(endpoint.gives)}</td>"
        f"<td>{html.escape(endpoint.summary)}</td></tr>"
        for endpoint in endpoints
    )
    return _PAGE.replace("ROWS", rows)


def _name(kind: type[Any]) -> str:
    return "" if kind is NoneType else f"<code>{kind.__name__}</code>"


_PAGE: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Atrium API</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.4rem .6rem;text-align:left;
vertical-align:top}</style>
<h1>Atrium API</h1>
<p>The complete document, with every message's schema, is <a href="/api/openapi.json">/api/openapi.json</a>.
Refusals are <code>{"error", "message"}</code>.</p>
<table><tr><th>Method</th><th>Address</th><th>Token</th><th>Takes</th><th>Gives</th><th></th></tr>ROWS</table>
</html>
"""
