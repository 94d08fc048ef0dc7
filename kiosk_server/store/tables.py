"""The tables as SQLAlchemy Core sees them. Constraints, rights and row-level security live in the migrations.

A test compares names, types and nullability with the migrated database, so the two cannot drift apart.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Identity, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine

metadata = MetaData()

_MOMENT = DateTime(timezone=True)


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(name, metadata, *columns)


def _key(name: str, kind: TypeEngine[Any] | None = None) -> Column[Any]:
    return Column(name, kind or Text(), primary_key=True)


def _serial(name: str) -> Column[Any]:
    return Column(name, BigInteger(), Identity(always=True), primary_key=True)


def _must(name: str, kind: TypeEngine[Any] | None = None) -> Column[Any]:
    return Column(name, kind or Text(), nullable=False)


def _may(name: str, kind: TypeEngine[Any] | None = None) -> Column[Any]:
    return Column(name, kind or Text())


tenants = _table("tenants", _key("id"), _must("slug"), _must("name"), _must("created_at", _MOMENT))

sites = _table(
    "sites",
    _key("tenant_id"),
    _key("id"),
    _must("name"),
    _must("time_zone"),
    _must("languages", ARRAY(Text())),
    _must("brand_colour"),
    _must("unknown_visit"),
    _must("early_allowance_min", Integer()),
    _may("greatest_feed_age_s", Integer()),
    _must("feed_epoch"),
    _must("feed_counter", BigInteger()),
    _must("created_at", _MOMENT),
)

users = _table(
    "users",
    _key("tenant_id"),
    _key("id"),
    _must("email"),
    _must("name"),
    _must("role"),
    _must("active", Boolean()),
    _must("created_at", _MOMENT),
)

user_passwords = _table(
    "user_passwords", _key("tenant_id"), _key("user_id"), _must("hash"), _must("changed_at", _MOMENT)
)

user_sites = _table("user_sites", _key("tenant_id"), _key("user_id"), _key("site_id"))

refresh_tokens = _table(
    "refresh_tokens",
    _key("tenant_id"),
    _key("hash", LargeBinary()),
    _must("user_id"),
    _must("family"),
    _must("issued_at", _MOMENT),
    _must("expires_at", _MOMENT),
    _may("used_at", _MOMENT),
    _may("revoked_at", _MOMENT),
)

login_failures = _table(
    "login_failures",
    _key("tenant_id"),
    _key("email_hash", LargeBinary()),
    _must("failures", Integer()),
    _must("first_failed_at", _MOMENT),
)

visitors = _table(
    "visitors",
    _key("tenant_id"),
    _key("id"),
    _must("name"),
    _may("email"),
    _may("company"),
    _must("created_at", _MOMENT),
)

visits = _table(
    "visits",
    _key("tenant_id"),
    _key("id"),
    _must("site_id"),
    _must("visitor_id"),
    _may("host_id"),
    _may("room"),
    _may("purpose"),
    _must("arrival", _MOMENT),
    _must("departure", _MOMENT),
    _must("state"),
    _must("rev", Integer()),
    _must("edit", BigInteger()),
    _may("arrived_at", _MOMENT),
    _may("arrival_check_in"),
    _may("cancelled_at", _MOMENT),
    _must("created_at", _MOMENT),
    _may("created_by"),
)

visit_tokens = _table(
    "visit_tokens",
    _key("tenant_id"),
    _key("visit_id"),
    _key("rev", Integer()),
    _must("site_id"),
    _must("kid"),
    _must("sealed", LargeBinary()),
    _must("issued_at", _MOMENT),
)

signing_keys = _table(
    "signing_keys",
    _key("tenant_id"),
    _key("kid"),
    _must("purpose"),
    _must("public_key", LargeBinary()),
    _may("sealed_private_key", LargeBinary()),
    _must("not_before", _MOMENT),
    _must("not_after", _MOMENT),
    _must("created_at", _MOMENT),
    _must("signs_from", _MOMENT),
    _may("retired_at", _MOMENT),
    _may("revoked_at", _MOMENT),
)

trust_documents = _table(
    "trust_documents",
    _key("tenant_id"),
    _key("kind"),
    _key("version", BigInteger()),
    _must("envelope", LargeBinary()),
    _must("issued_at", _MOMENT),
)

feed_entries = _table(
    "feed_entries",
    _key("tenant_id"),
    _key("site_id"),
    _key("digest"),
    _must("visit_id"),
    _must("position", BigInteger()),
    _must("rev", Integer()),
    _must("edit", BigInteger()),
    _must("state"),
    _must("expires", _MOMENT),
    _may("wrapped_key"),
    _may("details"),
)

pairing_windows = _table(
    "pairing_windows",
    _key("tenant_id"),
    _key("id"),
    _must("site_id"),
    _must("sealed_code", LargeBinary()),
    _must("opened_at", _MOMENT),
    _must("expires_at", _MOMENT),
    _must("opened_by"),
    _must("tries", Integer()),
    _may("closed_at", _MOMENT),
    _may("name"),
)

devices = _table(
    "devices",
    _key("tenant_id"),
    _key("id"),
    _must("site_id"),
    _must("name"),
    _must("public_key", LargeBinary()),
    _must("thumbprint"),
    _must("token_id"),
    _must("token_expires_at", _MOMENT),
    _must("paired_at", _MOMENT),
    _may("last_seen_at", _MOMENT),
    _may("revoked_at", _MOMENT),
    _may("previous_token_id"),
    _may("previous_token_until", _MOMENT),
    _may("revocation", LargeBinary()),
)

device_health = _table(
    "device_health",
    _key("tenant_id"),
    _key("device_id"),
    _must("received_at", _MOMENT),
    _must("app_version"),
    _must("waiting", BigInteger()),
    _must("parked", BigInteger()),
    _may("oldest_waiting_at", _MOMENT),
    _must("clock"),
    _must("trust_version", BigInteger()),
    _must("trust_issued_at", _MOMENT),
    _may("feed_at", _MOMENT),
    _must("camera"),
    _must("token_expires_at", _MOMENT),
)

alerts = _table(
    "alerts",
    _key("tenant_id"),
    _key("device_id"),
    _key("silent_since", _MOMENT),
    _key("kind"),
    _key("user_id"),
    _must("noticed_at", _MOMENT),
    _must("attempts", Integer()),
    _must("next_try_at", _MOMENT),
    _may("settled_at", _MOMENT),
    _may("outcome"),
)

pairing_runs = _table(
    "pairing_runs",
    _key("tenant_id"),
    _key("id"),
    _must("site_id"),
    _may("window_id"),
    _must("kiosk_key"),
    _must("name"),
    _must("root_hash"),
    _must("sealed_keys", LargeBinary()),
    _must("started_at", _MOMENT),
    _may("confirmed_tag"),
    _may("sealed_answer", LargeBinary()),
    _may("device_id"),
)

claims = _table(
    "claims",
    _key("tenant_id"),
    _key("visit_id"),
    _must("device_id"),
    _must("check_in_id"),
    _must("lease_until", _MOMENT),
)

check_ins = _table(
    "check_ins",
    _key("tenant_id"),
    _key("id"),
    _must("device_id"),
    _must("site_id"),
    _may("visit_id"),
    _may("rev", Integer()),
    _must("hash", LargeBinary()),
    _must("sealed", LargeBinary()),
    _must("seal_kid"),
    _must("first_outcome"),
    _may("first_code"),
    _may("scanned_at", _MOMENT),
    _may("decided_at", _MOMENT),
    _may("decided_offline", Boolean()),
    _may("clock"),
    _may("known", Boolean()),
    _may("app_version"),
    _must("received_at", _MOMENT),
)

conflicts = _table(
    "conflicts",
    _key("tenant_id"),
    _key("visit_id"),
    _key("check_in_id"),
    _key("kind"),
    _must("found_at", _MOMENT),
)

chain_items = _table(
    "chain_items",
    _key("tenant_id"),
    _key("device_id"),
    _key("chain_id"),
    _key("sequence", BigInteger()),
    _key("hash", LargeBinary()),
    _key("chain", LargeBinary()),
)

chain_heads = _table(
    "chain_heads",
    _key("tenant_id"),
    _key("device_id"),
    _key("chain_id"),
    _must("acknowledged", BigInteger()),
    _must("highest", BigInteger()),
    _must("forked", Boolean()),
)

quarantine = _table(
    "quarantine",
    _key("tenant_id"),
    _key("device_id"),
    _key("digest", LargeBinary()),
    _must("check_in_id"),
    _must("chain_id"),
    _must("sequence", BigInteger()),
    _must("hash", LargeBinary()),
    _must("chain", LargeBinary()),
    _must("seal_kid"),
    _must("sealed", LargeBinary()),
    _must("received_at", _MOMENT),
    _may("settled_at", _MOMENT),
    _may("settlement"),
)

audit_log = _table(
    "audit_log",
    _key("tenant_id"),
    _serial("id"),
    _must("at", _MOMENT),
    _must("actor_kind"),
    _may("actor_id"),
    _must("action"),
    _may("subject_id"),
    _must("detail", JSONB()),
)

events = _table(
    "events",
    _key("tenant_id"),
    _serial("id"),
    _must("kind"),
    _must("occurred_at", _MOMENT),
    _must("site_id"),
    _must("visit_id"),
    _must("visitor_id"),
    _may("published_at", _MOMENT),
)

web_sessions = _table(
    "web_sessions",
    _key("tenant_id"),
    _key("hash", LargeBinary()),
    _must("user_id"),
    _must("opened_at", _MOMENT),
    _must("seen_at", _MOMENT),
    _must("expires_at", _MOMENT),
)

desk_facts = _table(
    "desk_facts", _key("tenant_id"), _key("visit_id"), _key("kind"), _must("at", _MOMENT), _must("user_id")
)

conflict_settlements = _table(
    "conflict_settlements",
    _key("tenant_id"),
    _key("visit_id"),
    _key("check_in_id"),
    _key("kind"),
    _must("reason"),
    _must("settled_at", _MOMENT),
    _must("user_id"),
)
