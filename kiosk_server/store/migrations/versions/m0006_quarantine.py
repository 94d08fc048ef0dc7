"""The quarantine: sealed items of kiosks that are none any more, or other ones by now, until somebody decides.

The rules of the first schema hold: forced row-level security, one policy, references that carry the tenant.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLE = """
    CREATE TABLE quarantine (
        tenant_id text NOT NULL,
        device_id text NOT NULL,
        digest bytea NOT NULL CHECK (octet_length(digest) = 32),
        check_in_id text NOT NULL,
        chain_id text NOT NULL,
        sequence bigint NOT NULL CHECK (sequence >= 1),
        hash bytea NOT NULL CHECK (octet_length(hash) = 32),
        chain bytea NOT NULL CHECK (octet_length(chain) = 32),
        seal_kid text NOT NULL,
        sealed bytea NOT NULL CHECK (octet_length(sealed) BETWEEN 1 AND 65536),
        received_at timestamptz NOT NULL,
        settled_at timestamptz,
        settlement text CHECK (settlement IN ('accepted', 'discarded')),
        PRIMARY KEY (tenant_id, device_id, digest),
        FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id),
        CHECK ((settled_at IS NULL) = (settlement IS NULL))
    )
"""
_MINE = "tenant_id = NULLIF(current_setting('app.tenant_id', true), '')"


def upgrade() -> None:
    """Create the table, as the owner role."""
    app_role = op.get_context().opts["app_role"]
    op.execute(_TABLE)
    op.execute("CREATE INDEX quarantine_by_age ON quarantine (tenant_id, received_at)")
    op.execute("ALTER TABLE quarantine ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE quarantine FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_isolation ON quarantine USING ({_MINE}) WITH CHECK ({_MINE})")
    op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON quarantine TO "{app_role}"')


def downgrade() -> None:
    """Refuse: kiosks have erased what lies here."""
    raise NotImplementedError
