"""Readers: addresses, tokens, sign-up, leaving, in and out of files."""
