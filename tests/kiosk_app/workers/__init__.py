"""Tests of kiosk_app.workers."""
