"""Command that trains, grades, reports, and exports one system.

python -m experiments.run polychromify_ab
python -m experiments.run --list
"""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.command_line.hints import option_hints
from experiments.command_line.parser import resolve, run_parser
from experiments.process.quiet import import_tensorflow
from polychrome.command import INTERRUPTED, status_of
from polychrome.errors import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = run_parser()
    parsed = parser.parse_args(arguments)
    if not parsed.list and parsed.recipe is None:
        parser.error("name a system, or see --list")
    folder: Path | None = None

    def work() -> None:
        nonlocal folder
        # Imported late: TensorFlow takes seconds, --help should not.
        import_tensorflow()
        from experiments.recipes import RECIPES

        if parsed.list:
            for recipe in RECIPES.values():
                print(f"{recipe.name:24} {recipe.summary}")
            return
        if parsed.recipe not in RECIPES:
            known = ", ".join(RECIPES)
            raise InputError(f"no system is named {parsed.recipe!r}; there are: {known}")
        recipe = RECIPES[parsed.recipe]
        options, folder = resolve(parsed, recipe)

        from experiments.stages.job import run

        with option_hints():
            run(recipe, options, folder, parsed.saved_models, download=parsed.download)

    status = status_of(work)
    if status == INTERRUPTED and folder is not None and (folder / "recipe.json").exists():
        again = ["python", "-m", "experiments.run", parsed.recipe, "--resume"]
        again += ["--out", str(folder)]
        if parsed.saved_models != parser.get_default("saved_models"):
            again += ["--saved-models", str(parsed.saved_models)]
        print(f"finished epochs are kept; go on with: {shlex.join(again)}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
