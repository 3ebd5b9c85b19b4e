"""What the operating system refused, in Chinese: its own words come in whatever language it has."""

from __future__ import annotations

import errno

_WORDS = {
    errno.ENOENT: "文件或文件夹不存在",
    errno.ENOTDIR: "路径中应为文件夹的是文件",
    errno.EISDIR: "是文件夹，不是文件",
    errno.EACCES: "没有权限，或正被其他程序打开",
    errno.EPERM: "没有权限",
    errno.EBUSY: "正被其他程序占用",
    errno.ENOSPC: "磁盘空间不足",
    errno.EFBIG: "超过单个文件的大小上限",
    errno.EROFS: "所在磁盘只读",
    errno.EIO: "磁盘或网络盘读写出错",
    errno.ENXIO: "设备不可用",
    errno.ENODEV: "设备不可用",
    errno.EINVAL: "文件名或参数无效",
    errno.ENAMETOOLONG: "文件名或路径过长",
    errno.ELOOP: "链接互相指向，找不到文件",
    errno.EMFILE: "同时打开的文件过多",
    errno.ENFILE: "同时打开的文件过多",
    errno.ENOMEM: "内存不足",
    errno.EAGAIN: "系统资源暂时不足",
    errno.ETIMEDOUT: "网络盘没有响应",
    errno.EEXIST: "已存在",
    errno.ENOTEMPTY: "文件夹不是空的",
}
# Not on every system.
for _name, _text in (
    ("EDQUOT", "磁盘配额已用完"),
    ("ESTALE", "网络盘连接已失效"),
    ("EHOSTDOWN", "网络盘所在的主机没有响应"),
    ("EHOSTUNREACH", "网络盘所在的主机连不上"),
    ("ENETUNREACH", "网络不通"),
):
    if hasattr(errno, _name):
        _WORDS[getattr(errno, _name)] = _text


def os_words(error: OSError) -> str:
    """Say why the operating system refused something.

    Parameters
    ----------
    error : OSError
        What it raised.

    Returns
    -------
    str
        The reason in Chinese; for rare ones the system's number, never its words.
    """
    if error.errno is None:
        return "文件或临时文件夹不能访问"
    return _WORDS.get(error.errno, f"系统错误 {error.errno}")
