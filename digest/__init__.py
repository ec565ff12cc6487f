"""The Sunday Catchup: one mail on Sunday with all the week's stories."""

__version__ = "0.1.0"
