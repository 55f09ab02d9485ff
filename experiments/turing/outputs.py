"""The summary as text, JSON, CSV, and a page; a simulated study is named so in each."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.report.markdown import table
from experiments.turing.study import Study
from experiments.turing.summary import SIMULATED, answers_of, summary_of
from polychrome.files import write_text

BROWSER = Path(__file__).parent / "browser"


def as_text(summary: dict[str, Any]) -> str:
    """The summary as a Markdown table with a line above it."""
    from tabulate import tabulate

    people = summary["participants"]
    lines = [f"**{SIMULATED}**\n"] if summary["simulated"] else []
    lines.append(
        f"{people['counted']} participants count, of {people['enrolled']} who began: "
        f"{people['finished']} finished, {people['failed_checks']} of them failed attention checks."
    )
    if any(row["pairs"] for row in summary["systems"]):
        rows = [
            [
                row["rank"],
                row["name"],
                f"{row['rate']:.1%} [{row['low']:.1%}, {row['high']:.1%}]",
                row["pairs"],
                f"{row['strength']:.2f}",
            ]
            if row["pairs"]
            else ["-", row["name"], "no pair counts", 0, "-"]
            for row in summary["systems"]
        ]
        headers = ["Rank", "System", "Taken for real (95 % interval)", "Pairs", "Bradley-Terry"]
        align = ("right", "left", "right", "right", "right")
        lines += ["", tabulate(rows, headers, "pipe", colalign=align, disable_numparse=True)]
    return "\n".join(lines) + "\n"


def coverage_table(found: Mapping[str, Any]) -> str:
    """What `experiments.turing.simulation.coverage` returned, as Markdown."""
    rows = [
        [name, f"{rate:.0%}", f"{found['mean_rate'][name]:.1%}", f"{found['covered'][name]:.1%}"]
        + [f"{found['mean_width'][name]:.1%}"]
        for name, rate in found["rates"].items()
    ]
    headings = ["system", "true rate", "mean rate found", "intervals that cover it", "mean width"]
    crowd, seed = found["crowd"], found["seed"]
    said = (
        f"**{SIMULATED}**: {found['studies']:,} studies of {found['participants']} participants "
        f"with {found['pairs']} pairs of each system and {found['checks']} attention checks, of "
        f"which {found['misses']} may be missed; seeds {seed} to {seed + found['studies'] - 1}. "
        f"{100 * crowd['inattentive']:g}% of the participants answer at random, the others miss "
        f"{100 * crowd['slips']:g}% of the checks. On the scale of logits their abilities have a "
        f"standard deviation of {crowd['ability']:g}, and the photographs' difficulties one of "
        f"{crowd['difficulty']:g}. "
    )
    said += " ".join(
        f"{pair.replace(' = ', ' and ')}, equally good, are ranked alike in {share:.1%} of them."
        for pair, share in found["tied"].items()
    )
    return f"{said.strip()}\n\n{table(headings, rows, range(1, 5))}"


def as_json(summary: dict[str, Any]) -> str:
    """The summary as JSON."""
    return json.dumps(summary, indent=2, ensure_ascii=False) + "\n"


def answers_csv(study: Study) -> str:
    """All answers as CSV, one line each; the first column says whether they are simulated.

    It has no dates and no times of day. docs/turing.md describes the columns.
    """
    file = io.StringIO()
    rows = answers_of(study)
    columns = (
        "study participant trial photograph system check real_side picked fooled milliseconds "
        "showings seconds_since_consent counted"
    )
    writer = csv.DictWriter(file, columns.split(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def as_page(summary: dict[str, Any], query: str = "") -> str:
    """The summary as one self-contained HTML page.

    Args:
        summary: of the study.
        query: ends links to the JSON and CSV that a server has beside the page; "": no links.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(BROWSER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (BROWSER / "style.css").read_text(encoding="utf-8")
    return environment.get_template("summary.html.j2").render(
        summary=summary, style=style, mark=SIMULATED, query=query
    )


def write_outputs(study: Study, folder: Path) -> list[Path]:
    """Write `summary.txt`, `.json`, `.html` and `answers.csv`; of a simulated study `simulated-*`.

    Raises:
        InputError: the folder cannot be written.
    """
    summary = summary_of(study)
    prefix = "simulated-" if study.settings.simulated else ""
    texts = {
        "summary.txt": as_text(summary),
        "summary.json": as_json(summary),
        "summary.html": as_page(summary),
        "answers.csv": answers_csv(study),
    }
    for name, text in texts.items():
        write_text(folder / f"{prefix}{name}", text)
    return [folder / f"{prefix}{name}" for name in texts]
