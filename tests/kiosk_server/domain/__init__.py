"""The server's rules."""
