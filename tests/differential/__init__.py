"""The verifier against others: an oracle written apart from it, and PyJWT."""
