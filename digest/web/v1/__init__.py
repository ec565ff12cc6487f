"""`/api/v1`: what an editor can do at the desk, for programs with a token."""
