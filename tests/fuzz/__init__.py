"""Targets for a coverage-guided fuzzer; not part of any check, see fuzz_tokens.py."""
