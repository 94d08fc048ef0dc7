"""Embedded PostgreSQL under our own supervision: start, share, end. Roles and schema are the caller's business."""

from kiosk_server.postgres.address import ConnectionAddress
from kiosk_server.postgres.cluster import Durability
from kiosk_server.postgres.embedded import EmbeddedPostgres, Tenure
from kiosk_server.postgres.errors import EmbeddedPostgresError

__all__ = ["ConnectionAddress", "Durability", "EmbeddedPostgres", "EmbeddedPostgresError", "Tenure"]
