"""The composition root: which implementation stands behind which port. Nothing else builds a service.

``household`` and ``adapters`` load the store, cryptography and the network, so the window's side imports them only in
the workers' threads.
"""
