"""What a SIGKILL at any moment may cost: nothing that anybody was promised."""
