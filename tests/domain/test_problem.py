"""Findings of check: their JSON keys, and that they can be listed in order."""

import json
from dataclasses import replace
from itertools import permutations

from dongtou_geo.domain.problem import Problem, Severity

WHOLE_FILE = Problem(
    file="geodata/parks.geojson",
    feature=None,
    field=None,
    value=None,
    expected="可读的 GeoJSON",
    code="unreadable",
    severity=Severity.ERROR,
    message="文件无法读取",
)
ONE_FEATURE = replace(WHOLE_FILE, feature="park_nantang", field="plan_area_mu", value="1")


def test_a_finding_has_the_contracts_keys_in_order() -> None:
    assert list(WHOLE_FILE.as_dict()) == [
        "file",
        "feature",
        "field",
        "value",
        "expected",
        "code",
        "severity",
        "message",
    ]


def test_a_finding_survives_json() -> None:
    row = json.loads(json.dumps(ONE_FEATURE.as_dict(), ensure_ascii=False))
    assert row == ONE_FEATURE.as_dict()
    assert type(ONE_FEATURE.as_dict()["severity"]) is str
    assert row["severity"] == "error"


def test_severities_are_the_contracts_with_chinese_labels() -> None:
    assert {severity.value: severity.label for severity in Severity} == {
        "error": "错误",
        "warning": "警告",
        "info": "提示",
    }


def test_findings_about_a_whole_file_and_about_a_feature_sort_together() -> None:
    other_file = replace(WHOLE_FILE, file="geodata/zones.geojson")
    findings = (WHOLE_FILE, ONE_FEATURE, replace(ONE_FEATURE, value=None), other_file)
    assert len({tuple(sorted(order)) for order in permutations(findings)}) == 1
