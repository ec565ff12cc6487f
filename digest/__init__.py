"""The Sunday Catchup: one mail on Sunday with all the week's stories."""

import os

__version__ = "0.1.0"

# One thread for numpy's matrices, which are small here: several wait for each other longer than they work, and with one
# a sum comes out the same on every machine. Read when numpy is loaded; who sets it otherwise is heard.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
