"""Keys and signed documents of the tenant."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kiosk_protocol.identifiers import KeyId
from kiosk_server.domain.records import DocumentKind, KeyPurpose, StoredDocument, StoredKey
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
        )

    def all(self, purpose: KeyPurpose | None = None) -> Sequence[StoredKey]:
        """Return the tenant's keys, oldest first; of one purpose where one is named."""
        table = t.signing_keys
        query = select(table).where(self._mine(table)).order_by(table.c.not_before, table.c.kid)
        if purpose is not None:
            query = query.where(table.c.purpose == purpose)
        return [
            StoredKey(
                KeyId(row.kid), row.purpose, row.public_key, row.sealed_private_key, row.not_before, row.not_after
            )
            for row in self._all(query)
        ]

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
        table = t.trust_documents
        query = select(table).where(self._mine(table, table.c.kind == kind)).order_by(table.c.version.desc()).limit(1)
        row = self._one(query)
        return None if row is None else StoredDocument(row.kind, row.version, row.envelope, row.issued_at)
