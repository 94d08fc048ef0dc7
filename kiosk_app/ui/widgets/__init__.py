"""Self-painted and self-sized parts that the screens are made of."""
