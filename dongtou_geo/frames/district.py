"""Where Dongtou can be: figures that lie elsewhere are a mistake, not land."""

from __future__ import annotations

# West, south, east, north, degrees; contract, intake rules.
DISTRICT = (120.5, 26.5, 122.5, 28.5)
DISTRICT_TEXT = "东经 120.5-122.5°、北纬 26.5-28.5°"
