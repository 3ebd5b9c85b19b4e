"""Which encoding a text is in: what it declares against what its bytes say."""

import pytest

from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.encodings import chosen, decoded_text, demanded, known

TEXTS = ["温州南塘工业区", "洞头区某某海洋食品有限公司", "𠮷䶮置业"]


def coded(codec: str) -> list[bytes]:
    return [text.encode(codec) for text in TEXTS]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("GBK", "GB18030"), ("gb2312", "GB18030"), ("936", "GB18030"), ("ANSI 936", "GB18030"),
        ("utf-8", "UTF-8"), ("UTF8", "UTF-8"), ("65001", "UTF-8"), ("Big5", "BIG5"),
    ],
)  # fmt: skip
def test_an_encoding_has_many_names(name: str, label: str) -> None:
    found = known(name, "")
    assert found is not None
    assert found.label == label


def test_auto_leaves_the_choice_and_nonsense_is_refused() -> None:
    assert demanded("auto") is None
    with pytest.raises(FormatError, match="不认识编码“rot13”"):
        demanded("rot13")


def test_without_a_declaration_the_bytes_decide() -> None:
    assert chosen(coded("utf-8")).codec == "utf-8"
    assert chosen(coded("gb18030")).codec == "gb18030"
    # These two GBK words are valid UTF-8, of Latin and Greek letters.
    assert chosen(["联通".encode("gbk"), "翁".encode("gbk")]).codec == "gb18030"


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_the_right_declaration_counts(codec: str) -> None:
    found = chosen(coded(codec), declared=codec, declared_by=".cpg")
    assert (found.codec, found.reason) == (codec, f".cpg 声明为 {codec}")


@pytest.mark.parametrize(
    ("bytes_are", "declared"),
    [("gb18030", "UTF-8"), ("utf-8", "GBK"), ("gb18030", "ISO-8859-1"), ("utf-8", "1252")],
)
def test_bytes_overrule_a_wrong_declaration(bytes_are: str, declared: str) -> None:
    found = chosen(coded(bytes_are), declared=declared, declared_by=".cpg")
    assert found.codec == bytes_are
    assert "与实际字节不符" in found.reason


def test_one_broken_text_does_not_overrule_the_others() -> None:
    pieces = [*coded("utf-8"), b"\xff\xfe\xfd"]
    assert chosen(pieces, declared="UTF-8", declared_by=".cpg").codec == "utf-8"


def test_two_chinese_signs_do_not_overrule_a_declaration() -> None:
    assert chosen(["塘".encode()], declared="GBK", declared_by=".cpg").codec == "gb18030"


def test_western_letters_stay_western() -> None:
    pieces = ["Müller & Söhne".encode("cp1252"), "Café Zoë".encode("cp1252")]
    assert chosen(pieces, declared="1252", declared_by=".cpg").codec == "cp1252"


def test_an_unknown_declaration_is_named_and_the_bytes_decide() -> None:
    found = chosen(coded("gb18030"), declared="OEM", declared_by=".cpg")
    assert found.codec == "gb18030"
    assert "OEM" in found.reason


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
@pytest.mark.parametrize("text", ["南塘", "𠮷"])
def test_a_character_cut_by_the_width_is_dropped(text: str, codec: str) -> None:
    whole = text.encode(codec)
    for end in range(len(whole)):
        cut, clean = decoded_text(whole[:end], codec)
        assert clean
        assert text.startswith(cut)


def test_what_is_broken_elsewhere_is_said() -> None:
    assert decoded_text(b"a\xff\xffb", "gb18030") == ("a��b", False)
