"""How the vectors are made: one module for each part of the protocol.

In every file each vector says under ``code`` why its input is refused, or null, and under ``value`` what it yields.
"""
