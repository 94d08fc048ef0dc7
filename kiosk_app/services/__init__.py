"""What the kiosk does, as rules and ports: no thread, no toolkit, no IO library. The workers call these."""
