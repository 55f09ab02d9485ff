"""Names of files, printed on one line."""

import os

import pytest

from polychrome.cli.names import counted, listed, printable


@pytest.mark.parametrize(
    "name, shown",
    [
        ("Großmutter 1926 日本.jpg", "Großmutter 1926 日本.jpg"),
        ("two\nlines\r\tand\x1b[31m red", "two\\nlines\\r\\tand\\x1b[31m red"),
        (os.fsdecode(b"caf\xe9.jpg"), "caf\\xe9.jpg"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),  # would turn the line around
        ("-o", "-o"),
    ],
)
def test_names_stay_readable_and_on_one_line(name, shown):
    assert printable(name) == shown
    shown.encode()


def test_long_lists_end_in_a_count():
    assert listed(["a", "b\n", "c"]) == "a, b\\n, c"
    assert listed([str(number) for number in range(1003)]) == "0, 1, 2 and 1,000 more"
    assert [counted(1, "picture"), counted(1200, "picture")] == ["1 picture", "1,200 pictures"]
