"""Ways to tell a story in two or three sentences, one file each."""
