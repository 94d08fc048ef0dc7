"""The life of keys: when they begin to sign, when they left the bundle and why, and private halves that are not here.

A retired or revoked key needs no private half any more, and a root key's may be kept offline.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE signing_keys ADD COLUMN signs_from timestamptz",
    "ALTER TABLE signing_keys ADD COLUMN retired_at timestamptz",
    "ALTER TABLE signing_keys ADD COLUMN revoked_at timestamptz",
    # Row-level security is forced on the owner as well, who belongs to no tenant and would see no row.
    "ALTER TABLE signing_keys NO FORCE ROW LEVEL SECURITY",
    "UPDATE signing_keys SET signs_from = not_before",
    "ALTER TABLE signing_keys FORCE ROW LEVEL SECURITY",
    "ALTER TABLE signing_keys ALTER COLUMN signs_from SET NOT NULL",
    "ALTER TABLE signing_keys ALTER COLUMN sealed_private_key DROP NOT NULL",
    """
    ALTER TABLE signing_keys ADD CONSTRAINT signing_keys_private_half CHECK (
        sealed_private_key IS NOT NULL OR purpose = 'root' OR retired_at IS NOT NULL OR revoked_at IS NOT NULL
    )
    """,
    # Which codes did a key sign: asked before it is retired, and after it was revoked.
    "CREATE INDEX visit_tokens_of_key ON visit_tokens (tenant_id, kid)",
)


def upgrade() -> None:
    """Add the columns, as the owner role."""
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: it would put revoked keys back to work."""
    raise NotImplementedError
