"""The lobby kiosk."""
