"""Thread bodies: QtCore only. A worker is a shell whose slots call a service and emit what came of it."""
