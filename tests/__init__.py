"""Tests, in folders that mirror the packages; `architecture` holds what is true of the whole tree."""
