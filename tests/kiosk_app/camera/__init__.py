"""Tests of the camera package: sources, decoders, still pictures."""
