"""The reports' figures beside ours: which run is taken, the outcome, and the sentence."""

import dataclasses
import json

import pytest
from graded_rows import row, write_run

from experiments.report.kept_runs import Measured, read_kept
from experiments.report.replication.against_reports import (
    DESCRIPTION,
    FAILED,
    NOT_RUN,
    REPLICATED,
    UNFINISHED,
    Here,
    compare,
    counts,
    difference,
    markdown,
    missed,
)
from experiments.report.replication.clauses import shown
from experiments.reported.figure import PARAMETERS, SECONDS, Budget, Figure, Place
from experiments.reported.figures import AUTHORS_WEIGHTS, PLACES
from experiments.reported.published import Published
from polychrome.errors import InputError

ON_TEST = Published({"psnr": 22.0}, "a report", images=10_000, split="test")
FIGURE = Figure(
    "Net", "PSNR (dB)", "22.00", "psnr", 22.0, "net", budget=Budget(2, 1_000), graded=ON_TEST
)


def record(
    folder,
    psnr,
    *,
    epochs=2,
    train=1_000,
    name="net",
    data="tiny_imagenet",
    side=64,
    weights=None,
    notes=(),
    **plan,
):
    """The folder of a run that is graded like a Tiny ImageNet run."""
    values = {"psnr": {"mean": psnr, "low": psnr - 0.1, "high": psnr + 0.1}}
    budget = f"{epochs} times {train:,} images"
    metrics = {
        "metrics": {"psnr": {"label": "PSNR (dB)", "better": "higher", "meaning": ""}},
        "rows": [
            row("ours", psnr, system=name, values=values, budget=budget),
            row("do_nothing", 23.7388, system="do_nothing"),
        ],
        "images": {"graded": 10_000, "split": "test", "train": train},
    }
    networks = [{"name": "body", "epochs": 99}]
    about = {"networks": networks, "options": {"weights": weights}, "notes": list(notes)}
    about |= plan
    write_run(folder, metrics, name=name, source=data, image_size=side, **about)
    state = folder / "networks/body/state.json"
    state.parent.mkdir(parents=True)
    state.write_text(json.dumps({"epoch": epochs, "best_epoch": 1}))
    header = "epoch,accuracy_fake\n" + "".join(f"{n},{0.5 + n / 100}\n" for n in (1, 2))
    (state.parent / "history.csv").write_text(header)
    (folder / "timings.json").write_text(json.dumps({"train body": {"seconds": 754.0}}))
    return folder


def here(folder, **more):
    return Here(read_kept([folder]), more.get("speeds", {}), more.get("parameters", {}))


@pytest.mark.parametrize(
    "psnr, epochs, outcome",
    [
        (22.21, 2, REPLICATED),
        (21.79, 3, REPLICATED),
        (22.23, 2, FAILED),
        (21.77, 2, FAILED),
        (22.0, 1, UNFINISHED),
    ],
)
def test_a_run_by_the_protocol_replicates_within_a_hundredth(tmp_path, psnr, epochs, outcome):
    record(tmp_path / "run", psnr, epochs=epochs)
    compared = compare(FIGURE, here(tmp_path))
    assert compared.outcome == outcome
    assert compared.same is compared.common
    assert compared.nothing.mean == 23.7388


def test_epochs_of_as_many_images_are_the_reports_budget_though_steps_leave_some_out(tmp_path):
    """2 epochs of 1,000 images are of 15 batches of 64 each."""
    record(tmp_path / "run", 22.0, batch_size=64)
    compared = compare(FIGURE, here(tmp_path))
    assert (compared.same.seen, compared.same.in_epochs) == (1_920, 2_000)
    assert (compared.outcome, difference(compared)) == (REPLICATED, "Ours is the same.")
    record(tmp_path / "longer", 25.0, epochs=3, batch_size=64)
    assert compare(FIGURE, here(tmp_path)).same.folder.name == "run"
    # A recipe's number of images for an epoch is "about so many": here 2 parts of 500.
    record(tmp_path / "half", 22.0, name="half", batch_size=64, epoch_images=600)
    half = compare(dataclasses.replace(FIGURE, recipe="half"), here(tmp_path))
    assert (half.same.seen, half.same.in_epochs, half.outcome) == (896, 1_000, UNFINISHED)


def test_only_the_authors_weights_replicate_a_figure_of_them(tmp_path):
    """A network that was trained here, however long, is another one on the same images."""
    figure = dataclasses.replace(FIGURE, budget=None, lacks=AUTHORS_WEIGHTS)
    record(tmp_path / "trained", 22.0, epochs=9)
    compared = compare(figure, here(tmp_path))
    assert (compared.same, compared.outcome) == (None, "out of reach: data")
    assert compared.common.measured("psnr").mean == 22.0
    assert difference(compared).startswith("The same network, trained here; ours had 9 times")
    record(tmp_path / "authors", 22.1, epochs=0, weights="eccv16.pth")
    compared = compare(figure, here(tmp_path))
    assert compared.outcome == REPLICATED and compared.same.measured("psnr").mean == 22.1


def test_the_longest_run_is_taken_and_both_budgets_are_said(tmp_path):
    record(tmp_path / "a", 20.0, epochs=1, train=900)
    record(tmp_path / "b", 21.5, epochs=1)
    compared = compare(FIGURE, here(tmp_path))
    assert compared.same.folder.name == "b"
    assert difference(compared) == (
        "Ours is 0.50 dB lower; ours had 1 times 1,000 images, the report's 2 epochs of 1,000 "
        "images."
    )
    record(tmp_path / "c", 22.25)
    assert difference(compare(FIGURE, here(tmp_path))) == "Ours is 0.25 dB higher."
    # With more than the report's budget only where no run has just that.
    record(tmp_path / "d", 23.0, epochs=9)
    assert compare(FIGURE, here(tmp_path)).same.folder.name == "c"


@pytest.mark.parametrize("place", [{"data": "sample"}, {"side": 32}])
def test_other_images_are_no_protocol_of_the_reports(tmp_path, place):
    record(tmp_path / "run", 22.0, **place)
    compared = compare(FIGURE, here(tmp_path))
    assert compared.same is None and compared.common is None and compared.outcome == NOT_RUN
    assert difference(compared) == "Runs are kept, but of other images."
    assert compare(FIGURE, here(tmp_path), "a data set").outcome == "out of reach: data"


def test_figures_on_unknown_images_stand_beside_the_common_protocol_alone(tmp_path):
    record(tmp_path / "run", 22.0)
    elsewhere = dataclasses.replace(ON_TEST, data="places365_small", split="")
    figure = dataclasses.replace(FIGURE, graded=elsewhere)
    compared = compare(figure, here(tmp_path), "Places")
    assert compared.same is None and compared.common is not None
    assert compared.outcome == "out of reach: data"
    assert difference(compared) == "The same system on other images."


RANDOM = "Encoder of body: random weights; its weights changed in training"
SAID = "encoder of body: random weights, its weights changed in training"


def test_a_row_says_that_an_encoder_began_with_random_weights(tmp_path):
    record(tmp_path / "run", 22.0, notes=[RANDOM])
    elsewhere = dataclasses.replace(ON_TEST, data="places365_small", split="")
    figure = dataclasses.replace(FIGURE, graded=elsewhere)
    said = difference(compare(figure, here(tmp_path)))
    assert said == f"Ours, on other images; {SAID}."
    figure = dataclasses.replace(figure, encoder="where the report's is pre-trained")
    said = difference(compare(figure, here(tmp_path)))
    assert said == f"Ours, on other images; {SAID}, where the report's is pre-trained."
    # In another's place too, and as an attempt at a system that is not said to be pre-trained.
    figure = dataclasses.replace(figure, recipe="wide", instead="net", instead_is="half as wide")
    assert f"half as wide; {SAID}, where" in difference(compare(figure, here(tmp_path)))
    compared = compare(FIGURE, here(tmp_path))
    assert (compared.outcome, difference(compared)) == (REPLICATED, f"Ours is the same; {SAID}.")


def test_a_random_encoder_neither_replicates_a_pre_trained_one_nor_fails_to(tmp_path):
    figure = dataclasses.replace(FIGURE, encoder="where the report's is pre-trained")
    record(tmp_path / "random", 25.0, notes=[RANDOM])
    compared = compare(figure, here(tmp_path))
    assert (compared.same, compared.outcome) == (None, NOT_RUN)
    loaded = "Encoder of body: ImageNet weights from net.pth; its weights did not change"
    record(tmp_path / "loaded", 22.0, notes=[loaded])
    compared = compare(figure, here(tmp_path))
    assert compared.outcome == REPLICATED and "weights from net.pth" in difference(compared)


def test_notes_without_an_encoder_are_said_too(tmp_path):
    record(tmp_path / "run", 22.0, notes=["Its targets were first pixels"])
    figure = dataclasses.replace(FIGURE, graded=None, encoder="where the report's is pre-trained")
    said = difference(compare(figure, here(tmp_path)))
    assert said == "Ours, on other images; its targets were first pixels."


def test_another_system_stands_in_only_without_the_own_one(tmp_path):
    record(tmp_path / "other", 25.0, name="narrow")
    figure = dataclasses.replace(FIGURE, instead="narrow", instead_is="half as wide")
    compared = compare(figure, here(tmp_path))
    assert compared.same is None and compared.stands_in
    assert compared.outcome == NOT_RUN
    assert difference(compared) == "`narrow` in its place, half as wide."
    record(tmp_path / "own", 22.0)
    assert not compare(figure, here(tmp_path)).stands_in


def test_a_slow_training_is_out_of_reach_of_the_machine(tmp_path):
    record(tmp_path / "run", 22.0, name="else")
    slow = 2_000 / (96 * 3600)
    for rate, outcome in ((slow * 1.01, NOT_RUN), (slow * 0.99, "out of reach: machine")):
        compared = compare(FIGURE, here(tmp_path, speeds={"net": [rate]}))
        assert compared.outcome == outcome
    assert "2 epochs of 1,000 images take about 97 core-hours" in difference(compared)
    wide = dataclasses.replace(FIGURE, size=256)
    speeds = {"net": [slow * 40, slow * 40]}  # two networks, each 16 times the pixels
    assert compare(wide, here(tmp_path, speeds=speeds)).core_hours == pytest.approx(96 * 32 / 40)


def test_a_kept_runs_own_speed_goes_before_a_timing_and_a_gpus_is_none(tmp_path):
    """The budget of 2 epochs of 1,000 images at 10 a second of processor time, or at 0.1."""
    run = record(tmp_path / "run", 22.0)
    columns = "epoch,images_per_second,training_seconds,training_cpu_seconds\n"
    history = columns + "1,50.0,20.0,100.0\n2,100.0,10.0,100.0\n"
    (run / "networks/body/history.csv").write_text(history)
    for devices, rate in (("/device:CPU:0", 10.0), ("cuda:0 (NVIDIA H200)", 0.1)):
        made_with = {"processor": "AMD EPYC", "devices": devices}
        (run / "environment.json").write_text(json.dumps(made_with))
        found = here(tmp_path, speeds={"net": [0.1]})
        assert found.core_hours(FIGURE) == pytest.approx(2_000 / rate / 3600)
        (kept,) = found.runs
        assert kept.machine == ("AMD EPYC" if rate == 10.0 else "NVIDIA H200")
        assert kept.on_gpu == (rate == 0.1)


def test_recipes_of_one_network_have_one_speed(tmp_path):
    """That of the longest run of any, if there is none of their own; a timing comes after both."""
    for name, rate in (("dtu_l1", 10.0), ("dtu_mse", 20.0)):
        run = record(tmp_path / name, 22.0, name=name, epochs=1 + (name == "dtu_mse"))
        columns = "epoch,images_per_second,training_seconds,training_cpu_seconds\n"
        (run / "networks/body/history.csv").write_text(f"{columns}1,50.0,20.0,{1_000 / rate}\n")
        (run / "environment.json").write_text(json.dumps({"dtype_policy": "float32"}))
    found = here(tmp_path, speeds={"dtu_mse_101": [0.1]})
    for name, rate in (("dtu_mse_101", 20.0), ("dtu_l1", 10.0), ("net", None)):
        hours = found.core_hours(dataclasses.replace(FIGURE, recipe=name))
        assert hours == (rate and pytest.approx(2_000 / rate / 3600))
    assert {run.precision for run in found.runs} == {"float32"}


def test_doing_nothing_is_of_the_same_images_as_ours(tmp_path):
    """A run on 2,500 of them, as a bake-off's, beside one on all."""
    few = read_kept([record(tmp_path / "few", 22.5)])[0]
    graded = dataclasses.replace(few.graded, images=2_500)
    nothing = few.rows["do_nothing"]
    rows = {**few.rows, "do_nothing": {**nothing, "psnr": {**nothing["psnr"], "mean": 23.1}}}
    few = dataclasses.replace(few, graded=graded, rows=rows)
    (whole,) = read_kept([record(tmp_path / "whole", 22.5, name="else")])
    assert compare(FIGURE, Here([whole, few], {}, {})).nothing.mean == 23.1
    of_else = dataclasses.replace(FIGURE, recipe="else")
    assert compare(of_else, Here([few, whole], {}, {})).nothing.mean == 23.7388
    of_none = dataclasses.replace(FIGURE, recipe="none")
    assert compare(of_none, Here([few, whole], {}, {})).nothing.mean == 23.7388


def test_figures_that_were_missed_are_named(tmp_path):
    place = Place("Padova", "Table 9", "", "", (FIGURE,))
    for psnr, said in ((23.0, ["Net, PSNR (dB): 22.00, here 23.00 [22.90, 23.10]"]), (22.0, [])):
        found = missed(here(record(tmp_path / f"run-{psnr}", psnr)), "Padova", [place])
        assert len(found) == len(said)
        assert not said or ("figures of Table 9" in found[0] and said[0] in found[0])
    assert missed(here(tmp_path / "run-23.0"), "DTU", [place]) == []


def test_a_cut_last_line_of_a_history_loses_its_own_epoch_alone(tmp_path):
    """As an interrupted copy leaves one; the epoch before it is the last then."""
    run = record(tmp_path / "run", 22.0)
    columns = "epoch,images_per_second,training_seconds,training_cpu_seconds,accuracy_fake\n"
    history = columns + "1,50.0,20.0,100.0,0.51\n2,100.0,1"
    (run / "networks/body/history.csv").write_text(history)
    (kept,) = here(tmp_path).runs
    assert kept.rates == [10.0] and kept.measured("accuracy_fake").mean == 0.51


def test_the_last_network_is_the_last_one_trained_and_not_that_of_the_last_folder(tmp_path):
    """`resnet_unet_patchgan` trains `l1` first and `gan` from it."""
    run = record(tmp_path / "run", 22.0)
    recipe = json.loads((run / "recipe.json").read_text())
    recipe["networks"] = [{"name": name, "epochs": 9} for name in ("l1", "gan")]
    (run / "recipe.json").write_text(json.dumps(recipe))
    for name, best, accuracy in (("gan", 7, 0.7), ("l1", 3, 0.3)):
        network = run / "networks" / name
        network.mkdir()
        (network / "state.json").write_text(json.dumps({"epoch": 9, "best_epoch": best}))
        (network / "history.csv").write_text(f"epoch,accuracy_fake,only_{name}\n9,{accuracy},1\n")
    (kept,) = here(tmp_path).runs
    assert kept.measured("best_epoch").mean == 7
    assert kept.measured("accuracy_fake").mean == 0.7
    assert kept.measured("only_l1").mean == 1  # of the network that has it


def test_times_accuracies_and_parameters_come_from_their_records(tmp_path):
    record(tmp_path / "run", 22.0)
    found = here(tmp_path, parameters={"net": 1_084_802})
    (run,) = found.runs
    assert run.measured(SECONDS).mean == 754.0
    assert run.measured("accuracy_fake").mean == 0.52  # of the last epoch
    assert run.measured("psnr", "do_nothing").mean == 23.7388
    assert run.measured("ssim") is None and run.measured("accuracy_fake", "do_nothing") is None
    parameters = Figure("Net", "parameters", "10^6", PARAMETERS, None, "net")
    assert compare(parameters, found).outcome == DESCRIPTION
    page = markdown(found, [Place("Padova", "Table 9", "Counted.", "", (parameters, FIGURE))])
    assert "### Padova, table 9\n\nCounted.\n\n|" in page
    assert "| Net | parameters | 10^6 | 1,084,802 | – | – | description |" in page
    assert (
        "| Net | PSNR (dB) | 22.00 | 22.00 [21.90, 22.10] | 22.00 [21.90, 22.10] | "
        "23.74 [23.64, 23.84] | replicated | Ours is the same. |" in page
    )


@pytest.mark.parametrize(
    "key, value, data, outcome",
    [
        ("accuracy_fake", (0.5, 0.6), "tiny_imagenet", REPLICATED),
        ("accuracy_fake", (0.6, 0.7), "tiny_imagenet", FAILED),
        ("accuracy_fake", (0.5, 0.6), "lsun/dining_room", NOT_RUN),
        ("best_epoch", 1, "tiny_imagenet", REPLICATED),
    ],
)
def test_what_is_no_grade_is_compared_on_its_training_data(tmp_path, key, value, data, outcome):
    record(tmp_path / "run", 22.0)
    figure = Figure("Net", "", "", key, value, "net", budget=Budget(2, 1_000), data=data)
    compared = compare(figure, here(tmp_path))
    assert compared.outcome == outcome
    assert compared.common is not None and compared.nothing is None
    assert ("8.0 points lower" in difference(compared)) == (outcome == FAILED)


def test_numbers_are_shown_in_the_unit_of_their_quantity():
    assert shown(Measured(0.98044, 0.979, 0.982), "gray_luma_superpixels") == "98.0 % [97.9, 98.2]"
    assert shown(Measured(0.9327, 0.9313, 0.9340), "ssim") == "0.9327 [0.9313, 0.9340]"
    assert shown(Measured(12000.0, 12000.0, 12000.0), SECONDS) == "3 h 20 min"


@pytest.mark.parametrize(
    "outcomes, name",
    [
        ((22.0, 22.1), "full replication (2 figures: 2 replicated)"),
        ((22.0, 25.0), "partial replication (2 figures: 1 replicated; 1 failed)"),
        ((25.0, 25.0), "failed replication (2 figures: 2 failed)"),
        ((22.0, None), "partial replication (2 figures: 1 replicated; 1 not run by the protocol)"),
        ((None, None), "no replication (2 figures: 2 not run by the protocol)"),
    ],
)
def test_a_report_has_the_outcome_of_its_figures(tmp_path, outcomes, name):
    figures = []
    record(tmp_path / "without", 22.0, name="else")
    for number, psnr in enumerate(outcomes):
        if psnr is not None:
            record(tmp_path / str(number), psnr, name=f"net{number}")
        figures.append(dataclasses.replace(FIGURE, recipe=f"net{number}"))
    figures.append(Figure("Net", "parameters", "10^6", PARAMETERS, None, "net"))
    places = [Place("Padova", "Table 9", "", "", tuple(figures))]
    assert counts(here(tmp_path), "Padova", places) == name
    assert counts(here(tmp_path), "VVIT", places).startswith("no figure to replicate")


def test_without_any_run_every_row_says_so(tmp_path):
    record(tmp_path / "run", 22.0, name="else")
    found = here(tmp_path)
    for place in PLACES:
        for figure in place.figures:
            compared = compare(figure, found, place.lacks)
            said = difference(compared)
            assert said.startswith(("No run ", "Counted from the network"))
            assert compared.outcome.startswith(("out of reach: ", NOT_RUN, DESCRIPTION))


def test_a_folder_without_runs_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"holds no metrics\.json; name a folder of graded runs"):
        read_kept([tmp_path])
