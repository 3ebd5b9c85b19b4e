"""The eight accounts that land can stand in, and the two that close the books around them."""

from __future__ import annotations

from enum import StrEnum


class Account(StrEnum):
    """An account of the land ledger; every m2 of a living parcel sits in exactly one."""

    PLANNED = "planned"
    APPROVED = "approved"
    ACQUIRED = "acquired"
    SUPPLIED = "supplied"
    BUILDING = "building"
    COMPLETED = "completed"
    IN_PRODUCTION = "in_production"
    PART_USED = "part_used"
    OUTSIDE = "outside"
    ADJUSTMENT = "adjustment"

    @property
    def label(self) -> str:
        """Return the Chinese term for land that was expropriated."""
        return _LABELS[self]

    @property
    def filled_sea_label(self) -> str:
        """Return the Chinese term for filled sea, which skips 征收."""
        return _FILLED_SEA_LABELS.get(self, _LABELS[self])


_LABELS = {
    Account.PLANNED: "规划未批",
    Account.APPROVED: "批而未征",
    Account.ACQUIRED: "征而未供",
    Account.SUPPLIED: "供而未用",
    Account.BUILDING: "在建",
    Account.COMPLETED: "建成未投产",
    Account.IN_PRODUCTION: "投产",
    Account.PART_USED: "用而未尽",
    Account.OUTSIDE: "账外",
    Account.ADJUSTMENT: "面积调整",
}
_FILLED_SEA_LABELS = {Account.APPROVED: "批而未填", Account.ACQUIRED: "填而未供"}

# The pipeline in the order land runs through it; part_used closes the list because it is
# the rest of a parcel that has already reached production.
STATUSES: tuple[Account, ...] = (
    Account.PLANNED,
    Account.APPROVED,
    Account.ACQUIRED,
    Account.SUPPLIED,
    Account.BUILDING,
    Account.COMPLETED,
    Account.IN_PRODUCTION,
    Account.PART_USED,
)
