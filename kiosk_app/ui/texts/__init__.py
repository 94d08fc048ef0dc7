"""Every word the kiosk says, in every language. A test holds the languages complete and their placeholders equal."""
