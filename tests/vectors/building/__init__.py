"""How the vectors are made: one module for each part of the protocol."""
