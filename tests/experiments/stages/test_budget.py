"""What a table says that weights were trained on, through runs that began with one another."""

import dataclasses
from pathlib import Path

from experiments.stages.budget import trainings_of
from experiments.training import Training, inherited
from polychrome.files import write_json
from polychrome.training.callbacks import TrainingState

RESULTS = Path(__file__).resolve().parents[3] / "experiments" / "results" / "tiny_imagenet"
INITIAL = Path("initial_weights.json")
LARGE = Training(25, 100_000, image_size=64, precision="float32")
SMALL = Training(3, 1_200, image_size=224, precision="mixed_bfloat16")


def write_run(folder: Path, training: Training, best: int = 1) -> Path:
    """What a run of one network leaves, `training.epochs` of them."""
    options = {"precision": training.precision}
    write_json(folder / "recipe.json", {"image_size": training.image_size, "options": options})
    write_json(folder / "metrics.json", {"images": {"train": training.images}})
    network = folder / "networks" / "net"
    state = TrainingState(training.epochs, [], "last.weights.h5", best, 0.1, "best.weights.h5")
    write_json(network / "state.json", dataclasses.asdict(state))
    for name in ("last", "best"):
        (network / f"{name}.weights.h5").touch()
    return folder


def begin_with(folder: Path, run: Path) -> None:
    found = trainings_of(run, "net", INITIAL)
    record = folder / "networks" / "net" / INITIAL
    write_json(record, {"inherited": [dataclasses.asdict(each) for each in found]})


def test_training_of_earlier_runs_comes_first(tmp_path):
    first, second = write_run(tmp_path / "1", LARGE), write_run(tmp_path / "2", SMALL)
    begin_with(second, first)
    assert trainings_of(first, "net", INITIAL) == [LARGE]
    assert trainings_of(second, "net", INITIAL) == [LARGE, SMALL]
    # A run that only graded them hands them on as they are.
    third = write_run(tmp_path / "3", dataclasses.replace(SMALL, epochs=0))
    begin_with(third, second)
    assert trainings_of(third, "net", INITIAL) == [LARGE, SMALL]
    assert inherited(third / "networks" / "net" / INITIAL) == [LARGE, SMALL]
    assert inherited(first / "networks" / "net" / INITIAL) == []


def test_a_run_that_keeps_its_best_epoch_alone_counts_up_to_that(tmp_path):
    run = write_run(tmp_path, LARGE, best=7)
    (run / "networks" / "net" / "last.weights.h5").unlink()
    assert trainings_of(run, "net", INITIAL) == [dataclasses.replace(LARGE, epochs=7)]


def test_a_kept_result_is_read_as_its_table_says():
    (training,) = trainings_of(RESULTS / "cnn", "cnn", INITIAL)
    assert training == Training(1, 12_000, image_size=64, precision="mixed_bfloat16")
