"""What kiosk and server say to each other: no IO, no clock, no toolkit."""
