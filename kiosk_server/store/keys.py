"""Keys and signed documents of the tenant."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from kiosk_protocol.claims import MAX_REVISION
from kiosk_protocol.identifiers import KeyId, VisitId
from kiosk_server.domain.records import DocumentKind, KeyPurpose, StoredDocument, StoredKey, VisitState
from kiosk_server.store import tables as t
from kiosk_server.store.base import Shelf


class KeyShelf(Shelf):
    """Implements :class:`kiosk_server.services.ports.Keys`."""

    def add(self, key: StoredKey) -> None:
        """Store a new key."""
        self._insert(
            t.signing_keys,
            kid=key.kid,
            purpose=key.purpose,
            public_key=key.public_key,
            sealed_private_key=key.sealed_private_key,
            not_before=key.not_before,
            not_after=key.not_after,
            created_at=key.not_before,
            signs_from=key.signs_from,
        )

    def all(self, purpose: KeyPurpose | None = None) -> Sequence[StoredKey]:
        """Return the tenant's keys in the order in which they sign; of one purpose where one is named."""
        table = t.signing_keys
        query = select(table).where(self._mine(table)).order_by(table.c.signs_from, table.c.not_before, table.c.kid)
        if purpose is not None:
            query = query.where(table.c.purpose == purpose)
        return [_key(row) for row in self._all(query)]

    def lock(self) -> None:
        """Let everybody else who changes keys or signs documents of the tenant wait until the transaction ends."""
        name = func.hashtextextended(f"keys of {self._tenant}", 0)
        self._connection.execute(select(func.pg_advisory_xact_lock(name)))

    def sign_from(self, kid: KeyId, at: datetime) -> None:
        """Let a waiting key begin to sign."""
        self._change(kid, signs_from=at)

    def retire(self, kid: KeyId, at: datetime) -> None:
        """Note that the key gave way to younger ones."""
        self._change(kid, retired_at=at)

    def revoke(self, kid: KeyId, at: datetime) -> None:
        """Note that the key is taken out."""
        self._change(kid, revoked_at=at)

    def forget_private_half(self, kid: KeyId) -> None:
        """Delete the sealed private half."""
        self._change(kid, sealed_private_key=None)

    def has_codes_after(self, kid: KeyId, moment: datetime) -> bool:
        """Whether a visit whose code this key signed ends after ``moment``."""
        v, c = t.visits, t.visit_tokens
        codes = select(c.c.visit_id).where(self._mine(c, c.c.kid == kid))
        ends_later = select(v.c.id).where(self._mine(v, v.c.departure > moment, v.c.id.in_(codes)))
        return bool(self._connection.execute(select(exists(ends_later))).scalar_one())

    def revoked_codes(self, now: datetime, most: int) -> Sequence[VisitId]:
        """Return expected visits whose live code was signed by a revoked key."""
        v, c, k = t.visits, t.visit_tokens, t.signing_keys
        rows = v.join(c, (c.c.tenant_id == v.c.tenant_id) & (c.c.visit_id == v.c.id) & (c.c.rev == v.c.rev)).join(
            k, (k.c.tenant_id == c.c.tenant_id) & (k.c.kid == c.c.kid)
        )
        expected = (v.c.state == VisitState.PRE_REGISTERED.value, v.c.departure > now, v.c.rev < MAX_REVISION)
        query = select(v.c.id).select_from(rows).where(self._mine(v, k.c.revoked_at.is_not(None), *expected))
        return [VisitId(row.id) for row in self._all(query.order_by(v.c.arrival, v.c.id).limit(most))]

    def has_revoked_code(self, visit: VisitId, rev: int) -> bool:
        """Whether a revoked key signed this revision's code."""
        c, k = t.visit_tokens, t.signing_keys
        rows = c.join(k, (k.c.tenant_id == c.c.tenant_id) & (k.c.kid == c.c.kid))
        mine = self._mine(c, c.c.visit_id == visit, c.c.rev == rev, k.c.revoked_at.is_not(None))
        return self._one(select(c.c.kid).select_from(rows).where(mine)) is not None

    def add_document(self, document: StoredDocument) -> bool:
        """Store the document unless its version exists; return whether it was stored."""
        statement = insert(t.trust_documents).values(
            tenant_id=self._tenant,
            kind=document.kind,
            version=document.version,
            envelope=document.envelope,
            issued_at=document.issued_at,
        )
        stored = statement.on_conflict_do_nothing().returning(t.trust_documents.c.version)
        return self._connection.execute(stored).one_or_none() is not None

    def newest_document(self, kind: DocumentKind) -> StoredDocument | None:
        """Return the document of the highest version, or None."""
        found = self.newest_documents(kind, 1)
        return found[0] if found else None

    def newest_documents(self, kind: DocumentKind, most: int) -> Sequence[StoredDocument]:
        """Return the documents of the highest versions, oldest first."""
        table = t.trust_documents
        newest = select(table).where(self._mine(table, table.c.kind == kind)).order_by(table.c.version.desc())
        rows = self._all(newest.limit(most))
        return [StoredDocument(row.kind, row.version, row.envelope, row.issued_at) for row in reversed(rows)]

    def _change(self, kid: KeyId, **values: Any) -> None:
        self._connection.execute(self._update(t.signing_keys, t.signing_keys.c.kid == kid).values(**values))


def _key(row: Row[Any]) -> StoredKey:
    return StoredKey(
        KeyId(row.kid),
        row.purpose,
        row.public_key,
        row.sealed_private_key,
        row.not_before,
        row.not_after,
        row.signs_from,
        row.retired_at,
        row.revoked_at,
    )
