"""Tests of the simulated visitor."""
