"""The references that the first schema left to the application: they carry the tenant now, like all others.

The names of a kiosk's own making (chains, check-ins that have not arrived, the key an item says it is sealed to) refer
to nothing, and histories name what may be of several kinds.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_REFERENCES = (
    ("visit_tokens", "site_id", "sites", "id"),
    ("visit_tokens", "kid", "signing_keys", "kid"),
    ("events", "site_id", "sites", "id"),
    ("events", "visitor_id", "visitors", "id"),
    ("visits", "arrival_check_in", "check_ins", "id"),
    ("visits", "created_by", "users", "id"),
)


def upgrade() -> None:
    """Add them, as the owner role; rows that are there are checked too."""
    tables = sorted({name for source, _, target, _ in _REFERENCES for name in (source, target)})
    # Row-level security is forced on the owner as well, who belongs to no tenant and would find no row to check.
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for source, column, target, key in _REFERENCES:
        op.execute(
            f"ALTER TABLE {source} ADD CONSTRAINT {source}_{column}_of_tenant"
            f" FOREIGN KEY (tenant_id, {column}) REFERENCES {target} (tenant_id, {key})"
        )
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Refuse: a row that points into another tenant must not be made possible again."""
    raise NotImplementedError
