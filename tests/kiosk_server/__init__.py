"""Tests of the server; they run against a real PostgreSQL."""
