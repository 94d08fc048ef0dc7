"""PostgreSQL: implements the ports of :mod:`kiosk_server.services.ports`."""
