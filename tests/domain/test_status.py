"""The eight accounts and their Chinese terms."""

import pytest

from dongtou_geo.domain.status import STATUSES, Account


def test_statuses_are_the_contracts_eight_keys_in_pipeline_order() -> None:
    assert [account.value for account in STATUSES] == [
        "planned",
        "approved",
        "acquired",
        "supplied",
        "building",
        "completed",
        "in_production",
        "part_used",
    ]


def test_the_two_accounts_that_close_the_books_are_no_status() -> None:
    assert set(Account) - set(STATUSES) == {Account.OUTSIDE, Account.ADJUSTMENT}


def test_labels_are_the_terms_of_the_plan() -> None:
    assert [account.label for account in STATUSES] == [
        "规划未批",
        "批而未征",
        "征而未供",
        "供而未用",
        "在建",
        "建成未投产",
        "投产",
        "用而未尽",
    ]


def test_filled_sea_is_filled_instead_of_expropriated() -> None:
    assert Account.APPROVED.filled_sea_label == "批而未填"
    assert Account.ACQUIRED.filled_sea_label == "填而未供"


@pytest.mark.parametrize("account", sorted(set(Account) - {Account.APPROVED, Account.ACQUIRED}))
def test_the_other_terms_are_the_same_for_filled_sea(account: Account) -> None:
    assert account.filled_sea_label == account.label
