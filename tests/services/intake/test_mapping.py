import numpy as np
import pandas as pd
import pytest

from dongtou_geo.domain.ledger_field import LEDGER_FIELDS
from dongtou_geo.errors import UsageError
from dongtou_geo.formats.arrived import Arrived, ChoiceNeededError
from dongtou_geo.formats.export_shapefile import short_names
from dongtou_geo.services.intake.mapping import Mapped, map_columns


def sheet(*columns: str, facts: dict[str, str] | None = None) -> Arrived:
    letters = {column: chr(65 + at) for at, column in enumerate(columns)}
    return Arrived(
        "Sheet1", pd.DataFrame(columns=list(columns)), np.array([], dtype=np.int64),
        column_letters=letters, facts=facts or {},
    )  # fmt: skip


def layer(*columns: str) -> Arrived:
    return Arrived("地块", pd.DataFrame(columns=list(columns)), np.array([], dtype=np.int64))


def found(arrived: Arrived, **chosen: str) -> dict[str, str]:
    fields = map_columns(arrived, chosen).fields
    return {name: mapped.column for name, mapped in fields.items()}


def test_every_field_is_known_by_contract_name_heading_and_label() -> None:
    for name, field in LEDGER_FIELDS.items():
        for column in (name, name.upper(), field.heading, field.label):
            assert found(sheet(column)) == {name: column}, column


def test_no_name_means_two_fields() -> None:
    owners: dict[str, str] = {}
    for name, field in LEDGER_FIELDS.items():
        for word in (name, field.label, *field.aliases):
            assert owners.setdefault(word.lower(), name) == name, word


def test_a_contract_name_goes_before_a_label_and_a_label_before_an_alias() -> None:
    assert found(sheet("编号", "地块编号", "parcel_no")) == {"parcel_no": "parcel_no"}
    mapping = map_columns(sheet("编号", "地块编号"))
    assert mapping.fields["parcel_no"].column == "地块编号"
    assert mapping.unused == ("编号",)


def test_headings_in_two_rows_keep_group_name_and_unit() -> None:
    mapping = map_columns(
        sheet("地块 编号", "土地面积 合同面积（公顷）", "日期\n投产时间", "用地面积 亩")
    )
    assert mapping.fields["contract_area_mu"] == Mapped("土地面积 合同面积（公顷）", "公顷")
    assert mapping.fields["produced_on"].column == "日期\n投产时间"
    assert mapping.fields["ledger_area_mu"] == Mapped("用地面积 亩", "亩")
    assert mapping.fields["parcel_no"].column == "地块 编号"
    grouped = found(sheet("地块编号", "面积 台账（亩）", "面积 合同（亩）", "日期 批准"))
    assert grouped["ledger_area_mu"] == "面积 台账（亩）"
    assert grouped["contract_area_mu"] == "面积 合同（亩）"
    assert grouped["approved_on"] == "日期 批准"


def test_the_same_area_in_two_units_is_taken_in_ours() -> None:
    columns = ("用地面积 公顷", "用地面积 亩")
    assert found(sheet(*columns))["ledger_area_mu"] == "用地面积 亩"


def test_two_equal_columns_need_a_choice() -> None:
    with pytest.raises(ChoiceNeededError, match="投产日期") as asked:
        map_columns(sheet("投产日期", "投产日期(2)"))
    assert asked.value.flag == "--map"
    assert "produced_on=投产日期(2)" in asked.value.options
    assert found(sheet("投产日期", "投产日期(2)"), produced_on="投产日期(2)") == {
        "produced_on": "投产日期(2)"
    }


def test_a_unit_is_read_from_the_line_above_or_assumed_and_said() -> None:
    above = map_columns(sheet("面积", facts={"单位": "单位：公顷"}))
    assert above.fields["ledger_area_mu"] == Mapped("面积", "公顷")
    assert map_columns(sheet("面积")).fields["ledger_area_mu"] == Mapped("面积", "亩", assumed=True)
    assert map_columns(sheet("area_m2")).fields["area_m2"] == Mapped("area_m2", "m2")
    chosen = map_columns(sheet("面积"), {"ledger_area_mu": "面积:公顷"})
    assert chosen.fields["ledger_area_mu"] == Mapped("面积", "公顷")


def test_names_cut_at_ten_bytes_are_known_in_layers_only() -> None:
    cut = ("土地使用权", "约定动工日", "电子监管")
    assert found(layer(*cut)) == {
        "occupant": "土地使用权", "agreed_start_on": "约定动工日", "supervision_no": "电子监管",
    }  # fmt: skip
    assert found(sheet(*cut)) == {}
    assert found(layer("约定")) == {}, "too short to be one field only"


def test_our_own_shapefiles_come_back_as_they_went() -> None:
    for names in ([*LEDGER_FIELDS], [field.heading for field in LEDGER_FIELDS.values()]):
        assert list(found(layer(*short_names(names)))) == list(LEDGER_FIELDS)
    assert map_columns(layer("ledger_are")).fields["ledger_area_mu"] == Mapped("ledger_are", "亩")
    assert found(layer("合同面积（"))["contract_area_mu"] == "合同面积（"


def test_a_typed_status_is_named_and_left_alone() -> None:
    mapping = map_columns(sheet("地块编号", "状态", "投产率", "别的"))
    assert mapping.typed_status == ("状态", "投产率")
    assert mapping.unused == ("别的",)


def test_a_field_may_be_left_out() -> None:
    assert found(sheet("地块编号", "备注"), note="") == {"parcel_no": "地块编号"}


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"nothing": "面积"}, "没有字段“nothing”"),
        ({"note": "没有"}, "文件里没有列“没有”"),
        ({"ledger_area_mu": "面积:斤"}, "没有单位“斤”"),
    ],
)
def test_a_choice_that_does_not_exist_is_refused(chosen: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        map_columns(sheet("面积"), chosen)


def test_the_same_area_in_two_units_must_agree() -> None:
    columns = ["地块编号", "用地面积 亩", "用地面积 公顷"]

    def table(hectares: float) -> Arrived:
        cells = pd.DataFrame([["A-1", 15.0, hectares]], columns=columns, dtype=object)
        letters = dict(zip(columns, "ABC", strict=True))
        return Arrived("S", cells, np.array([2]), column_letters=letters)

    mapping = map_columns(table(1.0))
    assert mapping.fields["ledger_area_mu"].column == "用地面积 亩"
    assert mapping.rivals == {"用地面积 公顷": "用地面积 亩"}
    with pytest.raises(ChoiceNeededError, match="台账面积"):
        map_columns(table(1.5))


@pytest.mark.parametrize("column", ["总投资（万美元）", "用地面积（平方英里）", "合同面积（sqft）"])
def test_a_foreign_unit_is_asked_about(column: str) -> None:
    with pytest.raises(ChoiceNeededError, match="单位") as asked:
        map_columns(sheet("地块编号", column))
    assert asked.value.flag == "--map"
    assert found(sheet("地块编号", "合同面积（出让）"))["contract_area_mu"] == "合同面积（出让）"


def test_a_boundary_text_states_the_area_of_its_drawing() -> None:
    fields = map_columns(layer("地块编号", "地块面积（公顷）", "界址点数")).fields
    assert fields["area_m2"] == Mapped("地块面积（公顷）", "公顷")
    assert "ledger_area_mu" not in fields
