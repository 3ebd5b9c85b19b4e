"""The 示例 ledger: made-up parcels and events on the plan's outlines, the same every time."""

from dongtou_geo.services.sample.story import make_sample

__all__ = ["make_sample"]
