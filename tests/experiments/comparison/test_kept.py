"""The kept bake-off: its report, and the pages that show it, are what their commands write."""

import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

from experiments import bakeoff
from experiments.tables import bakeoff as bakeoff_table

ROOT = Path(__file__).parents[3]
FOLDER = Path("experiments/results/bakeoff")
KEPT = FOLDER / "tiny_imagenet"
PAGE = (ROOT / FOLDER / "README.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
COMMANDS = re.findall(r"^python -m experiments\.tables\.bakeoff (.*)$", PAGE, re.M)


@pytest.fixture
def copies(tmp_path, monkeypatch):
    """A folder with the kept bake-off and the pages that show it, to write them anew there."""
    shutil.copytree(ROOT / FOLDER, tmp_path / FOLDER)
    shutil.copy(ROOT / "README.md", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def apart(path):
    """What a file says without pictures, which zlib packs by its version, and its numbers."""
    text = re.sub(r"data:image/[^\"]*", "data:", path.read_text(encoding="utf-8"))
    return NUMBER.sub("#", text), np.array(NUMBER.findall(text), float)


def test_the_report_is_what_its_command_writes(copies, capsys):
    names = sorted(path.name for path in (ROOT / KEPT / "report").iterdir())
    shutil.rmtree(KEPT / "report")
    assert bakeoff.main(["--out", str(KEPT), "--report-only", "--without-pictures"]) == 0
    assert sorted(path.name for path in (KEPT / "report").iterdir()) == names
    for name in names:
        written, kept = (folder / KEPT / "report" / name for folder in (copies, ROOT))
        # Sums may differ in their last digits from one processor to another.
        (text, numbers), (kept_text, kept_numbers) = map(apart, (written, kept))
        assert text == kept_text, name
        np.testing.assert_allclose(numbers, kept_numbers, rtol=1e-4, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_pages_tables_are_what_their_commands_write(copies, command, capsys):
    words = shlex.split(command)
    page = Path(words[words.index("--readme") + 1])
    before = page.read_text(encoding="utf-8")
    marks = before.index("<!-- bakeoff:begin -->"), before.index("<!-- bakeoff:end -->")
    page.write_text(before[: marks[0]] + "<!-- bakeoff:begin -->\n" + before[marks[1] :])
    assert bakeoff_table.main(words) == 0
    assert page.read_text(encoding="utf-8") == before


def test_both_pages_have_a_table():
    assert [command.split("--readme ")[1] for command in COMMANDS] == [
        str(FOLDER / "README.md"),
        "README.md",
    ]
