"""``progress`` as a whole process, side by side with ``import geopandas``.

Run: ``.venv/bin/python -m benchmarks.command``. Interleaved, one warm-up, medians of nine.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from dongtou_geo.services.sample import make_sample
from dongtou_geo.settings import ROOT, SAMPLE_LEDGER

ROUNDS = 9
OURS = [sys.executable, "-m", "dongtou_geo", "progress", "--ledger", "sample", "--json"]
BARE = [sys.executable, "-c", "import geopandas"]
LIMIT = 3.0


def seconds(words: list[str]) -> float:
    """Return how long a command takes as a whole process."""
    start = time.perf_counter()
    subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> int:
    """Measure and return 1 where the bar is missed."""
    make_sample(SAMPLE_LEDGER)
    seconds(OURS), seconds(BARE)
    pairs = [(seconds(OURS), seconds(BARE)) for _ in range(ROUNDS)]
    ours, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(
        f"progress {ours:.3f} s, import geopandas {bare:.3f} s, ratio {ours / bare:.2f} (bar {LIMIT})"
    )
    return 0 if ours <= LIMIT * bare else 1


if __name__ == "__main__":
    sys.exit(main())
