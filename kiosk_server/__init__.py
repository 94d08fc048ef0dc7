"""The server: system of record for tenants, sites, visits and what happened at the doors."""
