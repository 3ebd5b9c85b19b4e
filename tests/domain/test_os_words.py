"""What the system refuses is said in Chinese."""

import errno
import os

import pytest

from dongtou_geo.domain.os_words import os_words


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_no_word_of_the_system_is_shown(number: int) -> None:
    said = os_words(OSError(number, os.strerror(number)))
    assert said
    assert os.strerror(number) not in said
    assert not any(sign.isascii() and sign.isalpha() for sign in said)


def test_usual_reasons_have_words() -> None:
    assert os_words(OSError(errno.ENOENT, "No such file or directory")) == "文件或文件夹不存在"
    assert "没有权限" in os_words(OSError(errno.EACCES, "Permission denied"))
    assert os_words(OSError(99_999, "x")) == "系统错误 99999"
    assert os_words(OSError("Arrow")) == "文件或临时文件夹不能访问"
