"""Codes that land offices write: land use in four systems, and the 19-digit 宗地代码.

Notes
-----
GB/T 21010-2017, the working classes of the third national land survey (三调, TD/T 1055-2019),
国土空间调查、规划、用途管制用地用海分类 (自然资发〔2023〕234号) and GB 50137-2011. The same figure may
mean different things in two of them (1001 is a railway in the first and industry in the third),
so a code is only told to be known, never translated.
"""

from __future__ import annotations

import re
from enum import StrEnum

# First-level class to the number of its second-level classes, GB/T 21010-2017.
_GB21010 = {1: 3, 2: 4, 3: 7, 4: 4, 5: 7, 6: 4, 7: 2, 8: 10, 9: 6, 10: 9, 11: 11, 12: 7}
_SURVEY = {"05H1", "0508", "08H1", "08H2", "08H2A", "0810A", "1104A", "1107A", "0201K", "0202K"}
_SURVEY |= {"0203K", "0204K", "0301K", "0302K", "0307K", "0403K", "1104K", "20", "201", "201A"}
_SURVEY |= {"202", "202A", "203", "203A", "204", "205"}
# 用地用海: first-level class to the number of its second-level classes; third levels add two digits.
_SEA_AND_LAND = {
    1: 3, 2: 4, 3: 4, 4: 3, 5: 7, 6: 2, 7: 4, 8: 6, 9: 5, 10: 3, 11: 2, 12: 8,
    13: 13, 14: 3, 15: 7, 16: 0, 17: 6, 18: 4, 19: 3, 20: 6, 21: 4, 22: 2, 23: 7, 24: 0,
}  # fmt: skip
_TOWN_PLAN = re.compile(r"(R[1-3]?|A[1-9]|B[1-9]|M[1-3]?|W[1-3]?|S[1-49]|U[1-49]|G[1-3]?|H|E)\d?")
_WORDS = re.compile(r".*(用地|用海|耕地|园地|林地|草地|水域|滩涂|仓储|工业|商服|住宅|道路|绿地).*")
_PARCEL_CODE = re.compile(r"(\d{6})\d{3}\d{3}[A-Z]{2}\d{5}")
_ALMOST = re.compile(r"33\d{10,}[A-Z]{2}\d+|33\d{4}\d{6,}[A-Z]{0,2}\d*")


class County(StrEnum):
    """County codes that stand in Dongtou's 宗地代码: one of today, two of former times."""

    DONGTOU = "330305"
    DONGTOU_COUNTY = "330322"
    LONGWAN = "330303"


def knows_land_use(text: str) -> bool:
    """Tell whether a land-use code or word is one that land offices use.

    Parameters
    ----------
    text : str
        A code of one of four systems, or a word such as 工业用地.
    """
    code = "".join(text.split()).upper()
    if _WORDS.fullmatch(code):
        return True
    if code in _SURVEY or _TOWN_PLAN.fullmatch(code):
        return True
    if not code.isascii() or not code.isdigit() or len(code) not in (2, 4, 6):
        return False
    first, second = int(code[:2]), int(code[2:4] or 0)
    land = second <= _GB21010.get(first, -1) and len(code) < 6
    return land or second <= _SEA_AND_LAND.get(first, -1)


def parcel_code_doubt(parcel_no: str) -> str | None:
    """Tell what is doubtful about a number that is, or nearly is, a 19-digit 宗地代码.

    Parameters
    ----------
    parcel_no : str
        Any parcel number.

    Returns
    -------
    str or None
        One Chinese sentence; None for right codes and for numbers of another kind.

    Notes
    -----
    宗地代码: county 6, 地籍区 3, 地籍子区 3, 特征码 2 letters, 顺序号 5 (GB/T 37346-2019).
    """
    code = _PARCEL_CODE.fullmatch(parcel_no)
    if code is None:
        if len(parcel_no) >= 15 and _ALMOST.fullmatch(parcel_no):
            return f"编号“{parcel_no}”像宗地代码但有 {len(parcel_no)} 位，宗地代码应为 19 位"
        return None
    if code[1] == County.DONGTOU:
        return None
    if code[1] in list(County):
        return f"宗地代码以旧区划代码 {code[1]} 开头，现为 {County.DONGTOU.value}"
    return f"宗地代码以 {code[1]} 开头，不是洞头（应为 {'、'.join(County)} 之一）"
