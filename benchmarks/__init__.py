"""Measurements of this machine. Figures are medians and ratios within one run."""
