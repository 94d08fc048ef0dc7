"""Tests of the demo panel."""
