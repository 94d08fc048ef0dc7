"""The kiosk's side of the HTTP API. httpx lives here and nowhere else; all that can go wrong leaves as a value."""
