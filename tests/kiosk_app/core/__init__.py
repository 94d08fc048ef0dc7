"""Tests of the kiosk's rules."""
