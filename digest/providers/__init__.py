"""Ways out of the building, one file each."""
