"""Run the command line: ``python -m dongtou_geo``."""

import sys

from dongtou_geo.cli import main

sys.exit(main())
