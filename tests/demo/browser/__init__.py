"""Tests of the staff's browser."""
