"""Import this first: it lets this folder's scripts import what all models' training has in common."""

import sys
from pathlib import Path

# At the end, so that a file of this folder always wins.
sys.path.append(str(Path(__file__).resolve().parents[2] / "shared" / "train"))
