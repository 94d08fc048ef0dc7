"""Tests of the embedded PostgreSQL, with real processes."""
