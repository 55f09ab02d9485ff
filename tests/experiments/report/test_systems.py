"""The table of systems, as docs/systems.md has it."""

from dataclasses import replace
from pathlib import Path

from experiments.report.systems import markdown
from experiments.reported.settings import Images, Settings
from experiments.tables import systems as systems_table
from experiments.tables.systems import BEGIN, END

ROW = Settings(
    report="Zhang et al.",
    systems=("one", "two"),
    learning_rate=((1e-4, 3e-5), "code"),
    batch_size=(64, "report"),
    epochs=((10, 10), "ours"),
    image_size=(176, "paper"),
    images=Images("folder", (9_000, "report"), (500, "ours"), (500, "report"), about=True),
    augmentation=(("flip_horizontally",), "tutorial"),
    drop_every=(225_000, "code"),
    note="as is",
)


def test_a_row_names_every_owner_but_the_report():
    lines = markdown([ROW]).splitlines()
    assert lines[2] == (
        "| Zhang et al. | `one`, `two` | 1e-4, 3e-5 (code), a tenth every 225,000 steps (code) "
        "| 64 | 10 (ours) | 176 (paper) | `folder`: about 9,000 + 500 (ours) + 500 "
        "| flip horizontally (tutorial) |"
    )
    assert lines[-1] == "- `one`, `two`: as is."
    of_one = Images("folder", (1, "ours"), (2, "ours"), (3, "ours"))
    other = replace(
        ROW,
        systems=("three",),
        images=of_one,
        augmentation=((), "report"),
        resize=("stretch", "report"),
    )
    lines = markdown([ROW, other]).splitlines()
    assert lines[3].endswith("| 176 (paper), stretched | `folder`: 1 + 2 + 3 (ours) | none |")
    assert lines[-1] == "- `one`, `two`, `three`: as is."


def test_the_command_rewrites_its_block_and_nothing_else(tmp_path, capsys):
    readme = tmp_path / "README.md"
    readme.write_text(f"# Title\n{BEGIN}\nold\n{END}\nAfter\n", encoding="utf-8")
    assert systems_table.main(["--readme", str(readme)]) == 0
    printed = capsys.readouterr().out
    assert printed.count("\n| ") > 20
    assert readme.read_text(encoding="utf-8") == f"# Title\n{BEGIN}\n{printed}{END}\nAfter\n"


def test_the_page_has_the_table_of_today():
    page = Path(__file__).resolve().parents[3] / "docs/systems.md"
    block = page.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    assert block.strip() == markdown()
