"""What every shelf has: the transaction's connection and its tenant, which each statement names as well.

Row-level security alone would keep tenants apart. Naming the tenant in each statement is the second line, and lets
the indexes, which begin with it, be used.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Row, Select, Table, Update, and_, insert, update

from kiosk_protocol.identifiers import TenantId


class Shelf:
    """Base of the stores of one transaction."""

    def __init__(self, connection: Connection, tenant: TenantId) -> None:
        self._connection = connection
        self._tenant = tenant

    def _mine(self, table: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        return and_(table.c.tenant_id == self._tenant, *conditions)

    def _insert(self, table: Table, **values: Any) -> None:
        self._connection.execute(insert(table).values(tenant_id=self._tenant, **values))

    def _update(self, table: Table, *conditions: ColumnElement[bool]) -> Update:
        return update(table).where(self._mine(table, *conditions))

    def _one(self, query: Select[Any]) -> Row[Any] | None:
        return self._connection.execute(query).one_or_none()

    def _all(self, query: Select[Any] | CompoundSelect[Any]) -> Sequence[Row[Any]]:
        return self._connection.execute(query).all()
