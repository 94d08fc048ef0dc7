"""Kiosk and server together, over real TLS, without a window."""
