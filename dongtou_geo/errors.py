"""Errors that dongtou_geo raises, all under one base class.

A message says in Chinese what was wrong, the value, and what would be right: it is shown to
the person at the screen or on stderr as it stands. Only ui, api and cli render messages.
"""

from __future__ import annotations


class DongtouGeoError(Exception):
    """Base of every error that dongtou_geo raises on purpose."""


class UsageError(DongtouGeoError):
    """Raise when a command or an address was given words it cannot take (exit code 2)."""


class DatasetError(DongtouGeoError):
    """Raise when a file under geodata/ or layers/ cannot be read or does not fit."""


class EventError(DongtouGeoError):
    """Raise when an event does not fit the parcel it is recorded for."""


class LedgerError(DongtouGeoError):
    """Raise when a ledger is missing, exists already, is no ledger, or cannot be written."""
