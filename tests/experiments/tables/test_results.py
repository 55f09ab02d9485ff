"""The command that tabulates runs, also into a block of a README."""

import copy

import pytest
from graded_rows import row, write_run

from experiments.report import tables
from experiments.report.against_baselines import remaining
from experiments.tables import results as results_table
from polychrome.files import write_json


def test_the_command_names_the_options_that_chose_other_test_images(tmp_path, capsys, metrics):
    runs = [write_run(tmp_path / "first", metrics, source="tiny_imagenet")]
    metrics["images"]["graded"] = 104
    runs.append(write_run(tmp_path / "second", metrics, source="tiny_imagenet"))
    assert results_table.main([str(run) for run in runs]) == 1
    error = capsys.readouterr().err
    assert "second were graded on different test images (" in error
    assert error.endswith("limit (see --data, --limit of experiments.run)\n")


README = "# Title\n\n{begin}\nold table\n{end}\n\nAfter\n"

BEGIN, END = "<!-- results:begin -->", "<!-- results:end -->"

MARKED = README.format(begin=BEGIN, end=END)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_readme_block_is_rewritten_and_nothing_else(tmp_path, capsys, metrics, newline):
    run = write_run(tmp_path / "run", metrics, source="tiny_imagenet")
    readme = tmp_path / "README.md"
    readme.write_bytes(MARKED.replace("\n", newline).encode())
    for _ in range(2):  # the second time changes nothing
        assert results_table.main([str(run), "--readme", str(readme)]) == 0
        text = readme.read_bytes().decode()
        assert text.count("\n") == text.count(newline)
        table = text.replace(newline, "\n").partition(BEGIN + "\n")[2]
        table, _, after = table.partition("\n" + END)
        assert after == "\n\nAfter\n" and text.startswith(f"# Title{newline}")
        assert capsys.readouterr().out.strip() == table
        assert table == f"{tables.markdown_table(metrics)}\n\n{remaining(metrics)}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "run"]


@pytest.mark.parametrize(
    "text",
    [
        "no block",
        BEGIN,
        f"{END}\n{BEGIN}\n",
        MARKED + MARKED,
        BEGIN + MARKED,
    ],
)
def test_a_readme_without_one_block_is_left_alone(tmp_path, capsys, metrics, text):
    run = write_run(tmp_path / "run", metrics, source="tiny_imagenet")
    readme = tmp_path / "README.md"
    readme.write_text(text)
    assert results_table.main([str(run), "--readme", str(readme)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and str(readme) in error and BEGIN in error
    assert readme.read_text() == text


def test_columns_and_block_can_be_chosen(tmp_path, capsys, metrics):
    run = write_run(tmp_path / "run", metrics, source="tiny_imagenet")
    readme = tmp_path / "README.md"
    other = MARKED.replace("results:", "ssim:")
    readme.write_text(MARKED + other)
    arguments = [str(run), "--readme", str(readme), "--block", "ssim", "--columns", "ssim"]
    assert results_table.main(arguments) == 0
    table = capsys.readouterr().out.strip()
    assert table == f"{tables.markdown_table(metrics, ['ssim'])}\n\n{remaining(metrics)}"
    assert "PSNR (dB)" not in table and "SSIM" in table
    assert readme.read_text() == MARKED + other.replace("old table", table)
    assert results_table.main([str(run), "--columns", "ssim,beauty"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "'beauty'" in error and "ssim" in error


def test_systems_can_be_chosen(tmp_path, capsys, metrics):
    other = copy.deepcopy(metrics)
    other["rows"][4] = row("ours", 21.0, "cnn", "CNN")
    runs = [
        str(write_run(tmp_path / name, content))
        for name, content in (("one", metrics), ("other", other))
    ]
    assert results_table.main([*runs, "--only", "net,do_nothing"]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [line.split("|")[1].strip() for line in lines[2:] if line.startswith("|")]
    assert names == ["Net", "Net (reported) †", "do nothing (ab = 0)"]
    assert lines[-1].startswith("On colored images, 1 of 1 trained row beats ")
    assert results_table.main([*runs, "--only", "net,gan"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "--only" in error and "'gan'" in error and "cnn" in error


@pytest.mark.parametrize("content", [None, "{", "[]", '{"rows": []}'])
def test_a_broken_run_is_one_line(tmp_path, capsys, content):
    run = tmp_path / "run"
    run.mkdir()
    if content is not None:
        (run / "metrics.json").write_text(content)
    assert results_table.main([str(run)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and str(run / "metrics.json") in error


def test_a_budget_of_several_runs_can_be_brief_and_its_time_is_of_the_last(
    tmp_path, capsys, metrics
):
    metrics["images"]["train"] = 1000
    before = {"epochs": 20, "images": 1000, "parts": 5, "image_size": 64, "precision": "float32"}
    networks = [{"name": "colorizer"}, {"name": "heads"}]
    run = write_run(tmp_path / "run", metrics, networks=networks, epoch_images=100)
    for network, inherited, epochs in (("colorizer", [before, before], 8), ("heads", [], 4)):
        folder = run / "networks" / network
        write_json(folder / "initial_weights.json", {"inherited": inherited})
        write_json(folder / "state.json", {"epoch": epochs})
    write_json(run / "timings.json", {"train colorizer": {"seconds": 60.0, "cpu_seconds": 90.0}})

    last = "1 min 00 s (CPU 1 min 30 s), the last of 3 runs"
    assert results_table.main([str(run)]) == 0
    earlier = "20 epochs of 200 of 1,000 images of 64x64, float32, then "
    spent = f"{earlier * 2}8 epochs of 100 of 1,000 images"
    heads = "heads: 4 epochs of 100 of 1,000 images"
    whole = f"colorizer: 8,800 images in 3 runs ({spent}); {heads}"
    assert f"{last} | {whole} |" in capsys.readouterr().out
    assert results_table.main([str(run), "--brief"]) == 0
    # 2 x 20 x 200 + 8 x 100, and 4 x 100.
    brief = "colorizer: 8,800 images in 3 runs; heads: 400 images in 1 run"
    assert f"{last} | {brief} |" in capsys.readouterr().out

    # Of a run from initial weights the epochs are short enough.
    write_json(run / "networks/colorizer/initial_weights.json", {})
    assert results_table.main([str(run), "--brief"]) == 0
    short = f"colorizer: 8 epochs of 100 of 1,000 images; {heads}"
    assert f"1 min 00 s (CPU 1 min 30 s) | {short} |" in capsys.readouterr().out
