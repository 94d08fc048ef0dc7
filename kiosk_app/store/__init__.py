"""What the kiosk must not lose: SQLite for the ledger, one file for the device key, one lock on the folder."""
