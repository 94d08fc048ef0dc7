"""A real browser for the staff's part of the tour: Chromium, used as a person would, speaking to this machine only."""
