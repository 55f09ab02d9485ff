"""The table of parameters, and that no network is forgotten in it."""

import functools
import importlib
import inspect
import pkgutil

import keras
import pytest

import polychrome.models
from experiments.report.parameters import ROWS, Row, markdown
from experiments.tables import parameters as parameter_table
from experiments.tables.parameters import BEGIN, END

SMALL = (
    # 10 weights and a bias a unit.
    Row("dense", lambda: keras.Sequential([keras.Input((10,)), keras.layers.Dense(300)])),
    Row(
        "norm",
        lambda: keras.Sequential([keras.Input((5,)), keras.layers.BatchNormalization()]),
        "20",
    ),
)
TABLE = """\
| Network | Parameters | Published |
| --- | ---: | ---: |
| dense | 3,300 | – |
| norm | 20 | 20 |"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_readme_block_is_rewritten_and_nothing_else(tmp_path, capsys, newline):
    readme = tmp_path / "README.md"
    lines = ["# Title", BEGIN, "old", END, "", "After", ""]
    readme.write_bytes(newline.join(lines).encode())
    for _ in range(2):  # the second time changes nothing
        assert parameter_table.main(["--readme", str(readme)], rows=SMALL) == 0
        assert capsys.readouterr().out == f"{TABLE}\n"
        expected = newline.join(["# Title", BEGIN, *TABLE.splitlines(), END, "", "After", ""])
        assert readme.read_bytes().decode() == expected
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_a_readme_without_the_block_is_left_alone(tmp_path, capsys):
    readme = tmp_path / "README.md"
    readme.write_text("no block")
    assert parameter_table.main(["--readme", str(readme)], rows=SMALL) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert str(readme) in error and BEGIN in error
    assert readme.read_text() == "no block"


def test_every_network_has_a_row():
    builders = {
        function
        for module in pkgutil.iter_modules(polychrome.models.__path__, "polychrome.models.")
        for name, function in inspect.getmembers(importlib.import_module(module.name))
        if name.startswith("build_")
    }
    listed = {
        row.build.func if isinstance(row.build, functools.partial) else row.build for row in ROWS
    }
    assert len(builders) > 10 and builders <= listed


def test_a_row_of_the_real_table():
    row = next(row for row in ROWS if row.label == "Polychromify")
    # 1,084,802: see test_models.
    expected = "| Polychromify | 1,084,802 | 10^6 (Padova report) |"
    assert markdown([row]).splitlines()[-1] == expected
