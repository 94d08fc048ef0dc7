"""The product as its users meet it: processes, windows, signals."""
