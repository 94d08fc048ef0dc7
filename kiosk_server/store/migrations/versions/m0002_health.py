"""How kiosks are, who was told of their silence, and what renewal and revocation leave behind. Only adds."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE device_health (
        tenant_id text NOT NULL,
        device_id text NOT NULL,
        received_at timestamptz NOT NULL,
        app_version text NOT NULL CHECK (char_length(app_version) <= 32),
        waiting bigint NOT NULL CHECK (waiting >= 0),
        parked bigint NOT NULL CHECK (parked >= 0),
        oldest_waiting_at timestamptz,
        clock text NOT NULL CHECK (clock IN ('sure', 'plausible', 'suspect')),
        trust_version bigint NOT NULL CHECK (trust_version >= 0),
        trust_issued_at timestamptz NOT NULL,
        feed_at timestamptz,
        camera text NOT NULL CHECK (camera ~ '^(ok|off|CAM-[0-9]{1,2})$'),
        token_expires_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, device_id),
        FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
    )
    """,
    """
    CREATE TABLE alerts (
        tenant_id text NOT NULL,
        device_id text NOT NULL,
        silent_since timestamptz NOT NULL,
        kind text NOT NULL CHECK (kind IN ('silent', 'back')),
        user_id text NOT NULL,
        noticed_at timestamptz NOT NULL,
        attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        next_try_at timestamptz NOT NULL,
        settled_at timestamptz,
        outcome text CHECK (outcome IN ('sent', 'given_up', 'moot')),
        PRIMARY KEY (tenant_id, device_id, silent_since, kind, user_id),
        FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id),
        FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
        CHECK ((settled_at IS NULL) = (outcome IS NULL))
    )
    """,
    "CREATE INDEX alerts_due ON alerts (tenant_id, next_try_at) WHERE settled_at IS NULL",
    """
    ALTER TABLE devices
        ADD COLUMN previous_token_id text,
        ADD COLUMN previous_token_until timestamptz,
        ADD COLUMN revocation bytea
    """,
)


def upgrade() -> None:
    """Add everything, as the owner role."""
    app_role = op.get_context().opts["app_role"]
    for statement in _TABLES:
        op.execute(statement)
    mine = "tenant_id = NULLIF(current_setting('app.tenant_id', true), '')"
    for table in ("device_health", "alerts"):
        # As in the first schema: the owner obeys row-level security too.
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")
        op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO "{app_role}"')


def downgrade() -> None:
    """Refuse: a signed revocation and a token still in use must not be forgotten."""
    raise NotImplementedError
