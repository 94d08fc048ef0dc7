"""One tenant asks for another's things, in every way there is."""
