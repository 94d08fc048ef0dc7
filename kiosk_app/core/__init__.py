"""Rules of the kiosk: no Qt, no IO, no clock, no randomness."""
