"""What the records of runs say of their training: histories."""

import math

import pytest

from experiments.training import read_history
from polychrome.errors import InputError


def test_history_is_numbers(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("epoch,loss,val_loss\n1,0.5,\n2,nan,0.25\n3,0.1")
    first, second = read_history(path)  # the third line was cut short
    assert first["epoch"] == 1 and isinstance(first["epoch"], int)
    assert first["loss"] == 0.5 and math.isnan(first["val_loss"])
    assert math.isnan(second["loss"]) and second["val_loss"] == 0.25
    path.write_text("")
    assert read_history(path) == []


@pytest.mark.parametrize(
    "content", ["epoch,loss\n1,x\n", "epoch,loss\n1\n2,3\n", "loss\n1\n", "epoch,loss\nnan,1\n"]
)
def test_a_broken_history_names_file_and_line(tmp_path, content):
    path = tmp_path / "history.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=r"history\.csv, line 2"):
        read_history(path)
    with pytest.raises(InputError, match="missing"):
        read_history(tmp_path / "missing.csv")
