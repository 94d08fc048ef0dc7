"""The protocol as data, and a verifier that shares nothing with the product."""
