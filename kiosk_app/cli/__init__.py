"""The command line, on the same services as the window; only ``run`` loads Qt, only ``scan`` and ``run`` OpenCV."""
