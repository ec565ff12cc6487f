"""The pages of readers and editors, the API, and nothing that decides anything."""
