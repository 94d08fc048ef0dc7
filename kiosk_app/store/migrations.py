"""The store's schema, one script per version, applied in order in one transaction each.

A script is never edited once released; what changes is a new script. Digests are base64url text of SHA-256(jti): the
store never holds a visit's name. Times end in ``_ms`` or ``_s`` and count from 1970.
"""

from typing import Final

APPLICATION_ID: Final = 0x41544B31
"""``ATK1``: tells our file from any other SQLite database."""

_V1: Final = """
CREATE TABLE identity (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    device TEXT NOT NULL,
    tenant TEXT NOT NULL,
    site TEXT NOT NULL,
    base_url TEXT NOT NULL,
    ca_certificate TEXT,
    device_token TEXT NOT NULL,
    device_key BLOB NOT NULL,
    configuration BLOB NOT NULL,
    paired_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE trust (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    root BLOB NOT NULL,
    bundle BLOB NOT NULL
) STRICT;

CREATE TABLE clock (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    floor_ms INTEGER NOT NULL,
    anchor_server_ms INTEGER,
    anchor_boot_ms INTEGER,
    anchor_boot_id TEXT
) STRICT;

CREATE TABLE used_visits (
    digest TEXT PRIMARY KEY,
    expires_s INTEGER NOT NULL,
    check_in_id TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;
CREATE INDEX used_visits_by_end ON used_visits (expires_s);

CREATE TABLE chain (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    chain_id TEXT NOT NULL,
    last_sequence INTEGER NOT NULL,
    last_link BLOB NOT NULL,
    acknowledged_sequence INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY,
    check_in_id TEXT NOT NULL UNIQUE,
    hash BLOB NOT NULL,
    link BLOB NOT NULL,
    seal_kid TEXT NOT NULL,
    sealed BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'acknowledged', 'parked')),
    code TEXT,
    settled_at_s INTEGER
) STRICT;
CREATE INDEX outbox_waiting ON outbox (sequence) WHERE state = 'waiting';
CREATE INDEX outbox_settled ON outbox (settled_at_s) WHERE state = 'acknowledged';

CREATE TABLE feed (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch TEXT NOT NULL,
    cursor INTEGER NOT NULL,
    complete_at_ms INTEGER
) STRICT;

CREATE TABLE visits (
    digest TEXT PRIMARY KEY,
    entry BLOB NOT NULL,
    expires_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX visits_by_end ON visits (expires_s);

CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    event TEXT NOT NULL,
    fields TEXT NOT NULL
) STRICT;
"""

_V2: Final = """
CREATE TABLE former_pairings (
    device TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    base_url TEXT NOT NULL,
    ca_certificate TEXT,
    device_key BLOB NOT NULL,
    revocation BLOB NOT NULL,
    revoked_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
"""Who this kiosk was: what it takes to hand over what still waits. Nothing of it is about a person."""

SCRIPTS: Final = (_V1, _V2)
"""Script ``n`` leads from version ``n`` to ``n + 1``."""
NEWEST: Final = len(SCRIPTS)
