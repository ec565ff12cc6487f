"""All SQL of the program, one file a noun. Rows stay in this room; `digest.model` goes in and out."""
