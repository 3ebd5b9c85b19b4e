"""What the pages keep: libraries stay out of the collector's way."""

import gc

from dongtou_geo.ui import cache


def test_what_is_loaded_is_left_alone_by_the_collector() -> None:
    gc.unfreeze()
    cache.settle.clear()
    cache.settle()
    try:
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
