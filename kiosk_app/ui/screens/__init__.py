"""One page per kind of screen. A page draws a view and reports presses as journey events."""
