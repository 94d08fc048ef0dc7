"""Tests of kiosk_app.services."""
