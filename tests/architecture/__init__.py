"""What is true of the whole tree: layers, pinned versions, the newcomer's commands."""
