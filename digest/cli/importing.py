"""`digest subscribers import`: a file of readers, tried dry or taken over."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from digest.bootstrap import House
