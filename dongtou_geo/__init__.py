"""dongtou_geo: Dongtou's industrial land, its plan and its ledger on one map."""

__version__ = "0.1.0"
