"""Tests of kiosk_app.server_api."""
