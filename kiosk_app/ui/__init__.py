"""The kiosk's window: Qt Widgets that show what the journey says and report what a finger does. No decision is here."""
