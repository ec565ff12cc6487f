"""From an approved edition to one copy a reader: the hot path, and nothing else."""
