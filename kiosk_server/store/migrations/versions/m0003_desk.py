"""The staff's desk: sessions of the dashboard, what reception does by hand, and how conflicts were settled.

The rules of the first schema hold: forced row-level security, one policy, references that carry the tenant.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE web_sessions (
        tenant_id text NOT NULL,
        hash bytea NOT NULL CHECK (octet_length(hash) = 32),
        user_id text NOT NULL,
        opened_at timestamptz NOT NULL,
        seen_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, hash),
        FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
        CHECK (expires_at > opened_at)
    )
    """,
    """
    CREATE TABLE desk_facts (
        tenant_id text NOT NULL,
        visit_id text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('checked_in', 'checked_out')),
        at timestamptz NOT NULL,
        user_id text NOT NULL,
        PRIMARY KEY (tenant_id, visit_id, kind),
        FOREIGN KEY (tenant_id, visit_id) REFERENCES visits (tenant_id, id),
        FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
    )
    """,
    """
    CREATE TABLE conflict_settlements (
        tenant_id text NOT NULL,
        visit_id text NOT NULL,
        check_in_id text NOT NULL,
        kind text NOT NULL,
        reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 200),
        settled_at timestamptz NOT NULL,
        user_id text NOT NULL,
        PRIMARY KEY (tenant_id, visit_id, check_in_id, kind),
        FOREIGN KEY (tenant_id, visit_id, check_in_id, kind)
            REFERENCES conflicts (tenant_id, visit_id, check_in_id, kind),
        FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
    )
    """,
)

_RIGHTS = {
    "web_sessions": "SELECT, INSERT, UPDATE, DELETE",
    # What somebody did at the desk stays what happened.
    "desk_facts": "SELECT, INSERT",
    "conflict_settlements": "SELECT, INSERT",
}


def upgrade() -> None:
    """Create the desk's tables, as the owner role."""
    app_role = op.get_context().opts["app_role"]
    mine = "tenant_id = NULLIF(current_setting('app.tenant_id', true), '')"
    for statement in _TABLES:
        op.execute(statement)
    for table, rights in _RIGHTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")
        op.execute(f'GRANT {rights} ON {table} TO "{app_role}"')


def downgrade() -> None:
    """Refuse: it would drop what happened at the desk."""
    raise NotImplementedError
