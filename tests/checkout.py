"""A copy of this repository to run commands in: without a ledger, a sample or our own changes."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from dongtou_geo.settings import ROOT

LEFT_OUT = (
    ".git",
    ".venv",
    "data",
    "wheels",
    "tests",
    "docs",
    "benchmarks",
    "__pycache__",
    ".*_cache",
)


@dataclass(frozen=True)
class Checkout:
    """A copy of the repository in a folder of its own."""

    root: Path

    def run(
        self, *words: str, module: str = "dongtou_geo", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one of our commands there, with no setting but those given."""
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=self.root, env={**bare_environment(), **environment},
            check=False, capture_output=True, encoding="utf-8",
        )  # fmt: skip


def copied(root: Path) -> Checkout:
    """Copy the repository, without what git ignores."""
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return Checkout(root)


def bare_environment() -> dict[str, str]:
    """Return the environment without our own settings."""
    return {name: value for name, value in os.environ.items() if "DONGTOU_GEO" not in name}
