"""Alembic's folder: one module per schema version, applied by :mod:`kiosk_server.store.migrate`."""
