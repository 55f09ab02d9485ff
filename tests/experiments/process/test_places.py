"""Records that others read do not say where on a machine they were made."""

import json

import pytest

from experiments import trained
from experiments.process.places import without_places


@pytest.mark.parametrize(
    "said, kept",
    [
        ("/home/someone/tiny-imagenet-200", "tiny-imagenet-200"),
        ("/home/someone/my pictures", "my pictures"),
        (
            "python -m experiments.run cnn --data-dir /home/me/data --out=/home/me/runs/cnn",
            "python -m experiments.run cnn --data-dir data --out=cnn",
        ),
        (
            "run cnn --data-dir '/home/me/my data' --epochs 1",
            "run cnn --data-dir 'my data' --epochs 1",
        ),
        (
            "Encoder of body: weights of /home/me/lite0.h5, whole.",
            "Encoder of body: weights of lite0.h5, whole.",
        ),
        ("runs/cnn --out ../other ~/runs", "runs/cnn --out ../other ~/runs"),
        ("https://doi.org/10.7717/peerj-cs.142", "https://doi.org/10.7717/peerj-cs.142"),
        ("PSNR in dB/image, 1/4 of 64x64", "PSNR in dB/image, 1/4 of 64x64"),
    ],
)
def test_an_absolute_path_is_left_its_name(said, kept):
    assert without_places(said) == kept


def test_strings_are_found_in_lists_and_objects_and_other_values_stay():
    record = {
        "options": {"data_dir": "/home/me/data", "seed": 1, "limit": None},
        "resumed": ["/a/b"],
    }
    assert without_places(record) == {
        "options": {"data_dir": "data", "seed": 1, "limit": None},
        "resumed": ["b"],
    }


def test_the_kept_records_of_a_run_do_not_say_where_it_was_run(tmp_path):
    run, kept = tmp_path / "run", tmp_path / "kept"
    network = run / "networks/net"
    network.mkdir(parents=True)
    command = f"python -m experiments.run net --data-dir {tmp_path}/data --out {run}"
    (run / "recipe.json").write_text(json.dumps({"name": "net", "command": command}))
    (network / "state.json").write_text('{"epoch": 3, "weights": "epoch-0003.weights.h5"}')
    (network / "history.csv").write_text("epoch,loss\n1,0.5\n")
    assert trained.main(["keep", str(run), str(kept), "--records-only"]) == 0
    assert json.loads((kept / "recipe.json").read_text()) == {
        "name": "net",
        "command": "python -m experiments.run net --data-dir data --out run",
    }
    state = kept / "networks/net/state.json"
    assert json.loads(state.read_text()) == json.loads((network / "state.json").read_text())
    assert (kept / "networks/net/history.csv").read_text() == "epoch,loss\n1,0.5\n"
