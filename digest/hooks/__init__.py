"""Webhooks: what happens here is told to programs elsewhere, signed, and again until they have heard it."""
