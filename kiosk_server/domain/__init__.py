"""The server's rules: no IO, no clock, no randomness."""
