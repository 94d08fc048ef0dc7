"""``atrium-server``: the operator's way in, on the same use cases as the API."""
