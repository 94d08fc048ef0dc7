"""The first schema: every table of one tenant's data under forced row-level security.

Rules that hold for each table with a ``tenant_id``: row-level security is enabled and *forced* (the owner obeys it
too), one policy compares ``tenant_id`` with the transaction's ``app.tenant_id``, and references to other tables carry
the tenant, so that a row cannot point into another tenant even by mistake. An unset tenant sees nothing.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE tenants (
        id text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{22}$'),
        slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
        name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
        created_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE sites (
        tenant_id text NOT NULL REFERENCES tenants,
        id text NOT NULL UNIQUE CHECK (id ~ '^[A-Za-z0-9_-]{11}$'),
        name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
        time_zone text NOT NULL,
        languages text[] NOT NULL CHECK (cardinality(languages) BETWEEN 1 AND 16),
        brand_colour text NOT NULL CHECK (brand_colour ~ '^#[0-9a-fA-F]{6}$'),
        unknown_visit text NOT NULL CHECK (unknown_visit IN ('ask', 'admit')),
        early_allowance_min integer NOT NULL CHECK (early_allowance_min BETWEEN 0 AND 60),
        greatest_feed_age_s integer CHECK (greatest_feed_age_s >= 60),
        feed_epoch text NOT NULL CHECK (feed_epoch ~ '^[A-Za-z0-9_-]{22}$'),
        feed_counter bigint NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id)
    )
    """,
    """
    CREATE TABLE users (
        tenant_id text NOT NULL REFERENCES tenants,
        id text NOT NULL CHECK (id ~ '^[A-Za-z0-9_-]{22}$'),
        email text NOT NULL CHECK (email = lower(email) AND char_length(email) BETWEEN 3 AND 254),
        name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
        role text NOT NULL CHECK (role IN ('tenant_admin', 'site_admin', 'installer', 'member', 'viewer')),
        active boolean NOT NULL DEFAULT true,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, email)
    )
    """,
    """
    CREATE TABLE user_passwords (
        tenant_id text NOT NULL,
        user_id text NOT NULL,
        hash text NOT NULL CHECK (hash LIKE '$argon2id$%'),
        changed_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, user_id),
        FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE user_sites (
        tenant_id text NOT NULL,
        user_id text NOT NULL,
        site_id text NOT NULL,
        PRIMARY KEY (tenant_id, user_id, site_id),
        FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
    )
    """,
    """
    CREATE TABLE refresh_tokens (
        tenant_id text NOT NULL,
        hash bytea NOT NULL CHECK (octet_length(hash) = 32),
        user_id text NOT NULL,
        family text NOT NULL,
        issued_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        revoked_at timestamptz,
        PRIMARY KEY (tenant_id, hash),
        FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX refresh_tokens_family ON refresh_tokens (tenant_id, family)",
    """
    CREATE TABLE login_failures (
        tenant_id text NOT NULL REFERENCES tenants,
        email_hash bytea NOT NULL CHECK (octet_length(email_hash) = 32),
        failures integer NOT NULL CHECK (failures >= 0),
        first_failed_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, email_hash)
    )
    """,
    """
    CREATE TABLE visitors (
        tenant_id text NOT NULL REFERENCES tenants,
        id text NOT NULL CHECK (id ~ '^[A-Za-z0-9_-]{22}$'),
        name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
        email text CHECK (char_length(email) <= 254),
        company text CHECK (char_length(company) <= 200),
        created_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id)
    )
    """,
    """
    CREATE TABLE visits (
        tenant_id text NOT NULL,
        id text NOT NULL UNIQUE CHECK (id ~ '^[A-Za-z0-9_-]{22}$'),
        site_id text NOT NULL,
        visitor_id text NOT NULL,
        host_id text,
        room text CHECK (char_length(room) <= 200),
        purpose text CHECK (char_length(purpose) <= 200),
        arrival timestamptz NOT NULL,
        departure timestamptz NOT NULL,
        state text NOT NULL CHECK (state IN ('pre_registered', 'checked_in', 'checked_out', 'expired', 'cancelled')),
        rev integer NOT NULL DEFAULT 0 CHECK (rev BETWEEN 0 AND 99),
        edit bigint NOT NULL DEFAULT 0 CHECK (edit >= 0),
        arrived_at timestamptz,
        arrival_check_in text,
        cancelled_at timestamptz,
        created_at timestamptz NOT NULL,
        created_by text,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
        FOREIGN KEY (tenant_id, visitor_id) REFERENCES visitors (tenant_id, id),
        FOREIGN KEY (tenant_id, host_id) REFERENCES users (tenant_id, id),
        CHECK (departure > arrival AND departure <= arrival + interval '24 hours')
    )
    """,
    "CREATE INDEX visits_by_site ON visits (tenant_id, site_id, arrival)",
    "CREATE INDEX visits_to_expire ON visits (tenant_id, departure) WHERE state = 'checked_in'",
    """
    CREATE TABLE visit_tokens (
        tenant_id text NOT NULL,
        visit_id text NOT NULL,
        rev integer NOT NULL CHECK (rev BETWEEN 0 AND 99),
        site_id text NOT NULL,
        kid text NOT NULL,
        sealed bytea NOT NULL,
        issued_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, visit_id, rev),
        FOREIGN KEY (tenant_id, visit_id) REFERENCES visits (tenant_id, id)
    )
    """,
    """
    CREATE TABLE signing_keys (
        tenant_id text NOT NULL REFERENCES tenants,
        kid text NOT NULL CHECK (kid ~ '^[A-Za-z0-9_-]{8}$'),
        purpose text NOT NULL CHECK (purpose IN ('root', 'bundle', 'visit', 'device', 'time', 'seal', 'user')),
        public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
        sealed_private_key bytea NOT NULL,
        not_before timestamptz NOT NULL,
        not_after timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, kid),
        CHECK (not_after > not_before)
    )
    """,
    """
    CREATE TABLE trust_documents (
        tenant_id text NOT NULL REFERENCES tenants,
        kind text NOT NULL CHECK (kind IN ('root', 'bundle')),
        version bigint NOT NULL CHECK (version > 0),
        envelope bytea NOT NULL,
        issued_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, kind, version)
    )
    """,
    """
    CREATE TABLE feed_entries (
        tenant_id text NOT NULL,
        site_id text NOT NULL,
        digest text NOT NULL CHECK (char_length(digest) = 43),
        visit_id text NOT NULL,
        position bigint NOT NULL,
        rev integer NOT NULL,
        edit bigint NOT NULL,
        state text NOT NULL CHECK (state IN ('expected', 'cancelled', 'superseded', 'checked_in', 'closed')),
        expires timestamptz NOT NULL,
        wrapped_key text,
        details text,
        PRIMARY KEY (tenant_id, site_id, digest),
        UNIQUE (tenant_id, site_id, position),
        FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
        FOREIGN KEY (tenant_id, visit_id) REFERENCES visits (tenant_id, id),
        CHECK ((wrapped_key IS NULL) = (details IS NULL))
    )
    """,
    """
    CREATE TABLE pairing_windows (
        tenant_id text NOT NULL,
        id text NOT NULL CHECK (id ~ '^[A-Za-z0-9_-]{22}$'),
        site_id text NOT NULL,
        sealed_code bytea NOT NULL,
        opened_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        opened_by text NOT NULL,
        tries integer NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
        closed_at timestamptz,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
    )
    """,
    "CREATE UNIQUE INDEX pairing_windows_one_open ON pairing_windows (tenant_id, site_id) WHERE closed_at IS NULL",
    "CREATE INDEX pairing_windows_by_day ON pairing_windows (tenant_id, site_id, opened_at)",
    """
    CREATE TABLE devices (
        tenant_id text NOT NULL,
        id text NOT NULL UNIQUE CHECK (id ~ '^[A-Za-z0-9_-]{22}$'),
        site_id text NOT NULL,
        name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
        public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
        thumbprint text NOT NULL,
        token_id text NOT NULL,
        token_expires_at timestamptz NOT NULL,
        paired_at timestamptz NOT NULL,
        last_seen_at timestamptz,
        revoked_at timestamptz,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
    )
    """,
    """
    CREATE TABLE pairing_runs (
        tenant_id text NOT NULL,
        id text NOT NULL CHECK (id ~ '^[A-Za-z0-9_-]{22}$'),
        site_id text NOT NULL,
        window_id text,
        sid text NOT NULL,
        kiosk_key text NOT NULL,
        name text NOT NULL,
        knows_code boolean NOT NULL,
        server_share text NOT NULL,
        sealed_code bytea NOT NULL,
        started_at timestamptz NOT NULL,
        confirmed_tag text,
        sealed_answer bytea,
        device_id text,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
        FOREIGN KEY (tenant_id, window_id) REFERENCES pairing_windows (tenant_id, id),
        FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
    )
    """,
    "CREATE INDEX pairing_runs_by_start ON pairing_runs (tenant_id, site_id, started_at)",
    """
    CREATE TABLE claims (
        tenant_id text NOT NULL,
        visit_id text NOT NULL,
        device_id text NOT NULL,
        check_in_id text NOT NULL,
        lease_until timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, visit_id),
        FOREIGN KEY (tenant_id, visit_id) REFERENCES visits (tenant_id, id),
        FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
    )
    """,
    """
    CREATE TABLE check_ins (
        tenant_id text NOT NULL,
        id text NOT NULL CHECK (char_length(id) = 36),
        device_id text NOT NULL,
        site_id text NOT NULL,
        visit_id text,
        rev integer,
        hash bytea NOT NULL CHECK (octet_length(hash) = 32),
        sealed bytea NOT NULL CHECK (octet_length(sealed) <= 65536),
        seal_kid text NOT NULL,
        first_outcome text NOT NULL CHECK (first_outcome IN ('accepted', 'conflict', 'rejected')),
        first_code text,
        scanned_at timestamptz,
        decided_at timestamptz,
        decided_offline boolean,
        clock text CHECK (clock IN ('sure', 'plausible')),
        known boolean,
        app_version text,
        received_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id),
        FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
        FOREIGN KEY (tenant_id, visit_id) REFERENCES visits (tenant_id, id),
        CHECK ((first_outcome = 'rejected') = (visit_id IS NULL))
    )
    """,
    "CREATE INDEX check_ins_by_visit ON check_ins (tenant_id, visit_id)",
    """
    CREATE TABLE conflicts (
        tenant_id text NOT NULL,
        visit_id text NOT NULL,
        check_in_id text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('admitted_elsewhere', 'cancelled', 'superseded')),
        found_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, visit_id, check_in_id, kind),
        FOREIGN KEY (tenant_id, visit_id) REFERENCES visits (tenant_id, id),
        FOREIGN KEY (tenant_id, check_in_id) REFERENCES check_ins (tenant_id, id)
    )
    """,
    """
    CREATE TABLE chain_items (
        tenant_id text NOT NULL,
        device_id text NOT NULL,
        chain_id text NOT NULL CHECK (char_length(chain_id) = 22),
        sequence bigint NOT NULL CHECK (sequence >= 1),
        hash bytea NOT NULL CHECK (octet_length(hash) = 32),
        chain bytea NOT NULL CHECK (octet_length(chain) = 32),
        PRIMARY KEY (tenant_id, device_id, chain_id, sequence, hash, chain),
        FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
    )
    """,
    """
    CREATE TABLE chain_heads (
        tenant_id text NOT NULL,
        device_id text NOT NULL,
        chain_id text NOT NULL,
        acknowledged bigint NOT NULL DEFAULT 0,
        highest bigint NOT NULL DEFAULT 0,
        forked boolean NOT NULL DEFAULT false,
        PRIMARY KEY (tenant_id, device_id, chain_id),
        FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id),
        CHECK (acknowledged <= highest)
    )
    """,
    """
    CREATE TABLE audit_log (
        tenant_id text NOT NULL REFERENCES tenants,
        id bigint GENERATED ALWAYS AS IDENTITY,
        at timestamptz NOT NULL,
        actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'kiosk', 'operator', 'stranger', 'server')),
        actor_id text,
        action text NOT NULL,
        subject_id text,
        detail jsonb NOT NULL DEFAULT '{}',
        PRIMARY KEY (tenant_id, id)
    )
    """,
    """
    CREATE TABLE events (
        tenant_id text NOT NULL REFERENCES tenants,
        id bigint GENERATED ALWAYS AS IDENTITY,
        kind text NOT NULL,
        occurred_at timestamptz NOT NULL,
        site_id text NOT NULL,
        visit_id text NOT NULL,
        visitor_id text NOT NULL,
        published_at timestamptz,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, visit_id) REFERENCES visits (tenant_id, id)
    )
    """,
)

_TENANT_TABLES = (
    "sites",
    "users",
    "user_passwords",
    "user_sites",
    "refresh_tokens",
    "login_failures",
    "visitors",
    "visits",
    "visit_tokens",
    "signing_keys",
    "trust_documents",
    "feed_entries",
    "pairing_windows",
    "devices",
    "pairing_runs",
    "claims",
    "check_ins",
    "conflicts",
    "chain_items",
    "chain_heads",
    "audit_log",
    "events",
)

_HISTORY = ("audit_log", "trust_documents", "visit_tokens", "chain_items")
"""Written once: the application may add rows and read them, never change or remove one."""

_STATE_MACHINE = """
CREATE FUNCTION visit_moves_as_allowed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('pre_registered', 'checked_in'), ('pre_registered', 'cancelled'),
        ('checked_in', 'checked_out'), ('checked_in', 'expired')
    ) THEN
        RAISE EXCEPTION 'a visit does not move from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    """Create everything, as the owner role."""
    app_role = op.get_context().opts["app_role"]
    for statement in _TABLES:
        op.execute(statement)
    for table in _TENANT_TABLES:
        _isolate(table, "tenant_id")
        rights = "SELECT, INSERT" if table in _HISTORY else "SELECT, INSERT, UPDATE, DELETE"
        op.execute(f'GRANT {rights} ON {table} TO "{app_role}"')
    _isolate("tenants", "id")
    op.execute(f'GRANT SELECT ON tenants TO "{app_role}"')
    op.execute(_STATE_MACHINE)
    op.execute(
        "CREATE TRIGGER visit_moves_as_allowed BEFORE UPDATE OF state ON visits"
        " FOR EACH ROW EXECUTE FUNCTION visit_moves_as_allowed()"
    )
    _open_the_lobby(app_role)


def _isolate(table: str, column: str) -> None:
    """Show and accept only rows of the transaction's tenant, for the table's owner as well."""
    mine = f"{column} = NULLIF(current_setting('app.tenant_id', true), '')"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")


def _open_the_lobby(app_role: str) -> None:
    """Add the one path without a tenant: from a slug to its tenant, and the list of tenant identifiers.

    Login and pairing start with a slug. The owner alone may read ``tenants`` across tenants, and lends that to the
    application through two functions that give out identifiers and nothing else (ADR 0011).
    """
    op.execute("CREATE POLICY owner_reads_tenants ON tenants FOR SELECT TO CURRENT_USER USING (true)")
    op.execute(
        "CREATE FUNCTION tenant_of_slug(wanted text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER"
        " SET search_path = public, pg_temp AS 'SELECT id FROM public.tenants WHERE slug = wanted'"
    )
    op.execute(
        "CREATE FUNCTION tenant_ids() RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER"
        " SET search_path = public, pg_temp AS 'SELECT id FROM public.tenants ORDER BY created_at, id'"
    )
    for function in ("tenant_of_slug(text)", "tenant_ids()"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "{app_role}"')


def downgrade() -> None:
    """Refuse: the first schema has nothing before it, and dropping it would drop what happened at the doors."""
    raise NotImplementedError
