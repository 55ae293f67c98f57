"""How reports name files for other programs."""

from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from loaderconv.report.file_names import artifact_uri, shown_name

POSIX = PurePosixPath("/home/me/my repo")
WINDOWS = PureWindowsPath(r"C:\fw\my repo")

NAMES = [
    (POSIX, "a.FLM", "a.FLM", "a.FLM"),
    (POSIX, "./a.FLM", "a.FLM", "a.FLM"),
    (POSIX, "sub/../sub/./a b.FLM", "sub/a b.FLM", "sub/a%20b.FLM"),
    (POSIX, "/home/me/my repo/sub/a.FLM", "sub/a.FLM", "sub/a.FLM"),
    (POSIX, "[x] 100%#?.FLM", "[x] 100%#?.FLM", "%5Bx%5D%20100%25%23%3F.FLM"),
    (POSIX, "c:a.FLM", "c:a.FLM", "c%3Aa.FLM"),
    (POSIX, "größe/日本.FLM", "größe/日本.FLM", "gr%C3%B6%C3%9Fe/%E6%97%A5%E6%9C%AC.FLM"),
    (POSIX, r"back\slash.FLM", r"back\slash.FLM", "back%5Cslash.FLM"),
    (POSIX, ".", ".", "."),
    (POSIX, "../a b.FLM", "../a b.FLM", "file:///home/me/a%20b.FLM"),
    (POSIX, "/other/a:b.FLM", "/other/a:b.FLM", "file:///other/a:b.FLM"),
    (POSIX, "/home/me/my repository/a.FLM", "/home/me/my repository/a.FLM", "file:///home/me/my%20repository/a.FLM"),
    (WINDOWS, r"sub\a b.FLM", "sub/a b.FLM", "sub/a%20b.FLM"),
    (WINDOWS, r".\sub/a.FLM", "sub/a.FLM", "sub/a.FLM"),
    (WINDOWS, r"c:\FW\My Repo\[x]\a.FLM", "[x]/a.FLM", "%5Bx%5D/a.FLM"),
    (WINDOWS, r"..\a.FLM", r"..\a.FLM", "file:///C:/fw/a.FLM"),
    (WINDOWS, r"D:\other [1]\a.FLM", r"D:\other [1]\a.FLM", "file:///D:/other%20%5B1%5D/a.FLM"),
    (WINDOWS, r"\\server\share\a b.FLM", r"\\server\share\a b.FLM", "file://server/share/a%20b.FLM"),
]


@pytest.mark.parametrize(("folder", "path", "name", "uri"), NAMES, ids=str)
def test_names(folder: PurePath, path: str, name: str, uri: str) -> None:
    assert shown_name(path, folder) == name
    assert artifact_uri(path, folder) == uri
