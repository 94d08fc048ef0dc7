"""Pairing by a password-authenticated key exchange: runs keep keys instead of digits, and windows may have a name.

A run lives for an hour at most; those of the former suite end here, and their kiosks begin again.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE pairing_windows ADD COLUMN name text CHECK (name ~ '^[a-z2-7]{16}$')",
    # Row-level security is forced on the owner as well, who belongs to no tenant and would delete no row.
    "ALTER TABLE pairing_runs NO FORCE ROW LEVEL SECURITY",
    "DELETE FROM pairing_runs",
    "ALTER TABLE pairing_runs FORCE ROW LEVEL SECURITY",
    "ALTER TABLE pairing_runs DROP COLUMN sid, DROP COLUMN knows_code, DROP COLUMN server_share",
    "ALTER TABLE pairing_runs DROP COLUMN sealed_code",
    "ALTER TABLE pairing_runs ADD COLUMN root_hash text NOT NULL, ADD COLUMN sealed_keys bytea NOT NULL",
)


def upgrade() -> None:
    """Add the window's name and the run's keys; forget runs of the former suite."""
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: the digits that a run of the former suite kept are not in the database any more."""
    raise NotImplementedError
