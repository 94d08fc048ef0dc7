"""Use cases: rules and ports put together. No SQL, no HTTP."""
