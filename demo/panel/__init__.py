"""The demo panel: a window beside the kiosk's that makes things happen, and follows each scan to the server and back.

A process of its own. It knows the demo by the lines of :mod:`demo.panel.messages` and the kiosk by its hand's socket.
"""
