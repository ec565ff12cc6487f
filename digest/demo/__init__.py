"""The sample week: an invented town's newspaper, its readers, and a simulated Sunday."""
