"""Tests of what kiosk and server say to each other."""
