"""What is installed from the wheel: the programs, their parts, units and desktop entry."""
