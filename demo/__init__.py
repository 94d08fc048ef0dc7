"""The whole product on one machine, and its guided tour. Speaks to processes only."""
