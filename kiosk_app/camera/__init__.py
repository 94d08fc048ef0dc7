"""Pictures in, texts out: camera sources, decoders and still pictures. OpenCV, zxing-cpp and zbar live here only.

Importing ``frames``, ``sources`` and ``decoders`` is cheap: the native libraries are loaded when a source is opened or
a ``Decoder`` is made, so the first window need not wait for them. No frame is ever written to a disk.
"""
