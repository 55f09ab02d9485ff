"""Every command that runs with `python -m` calls itself by the name that it runs by."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Started by their benchmarks alone, by position.
_PARTS = {"benchmarks.ways.grading", "benchmarks.ways.photographs"}


def commands() -> list[str]:
    """Names of all modules that are run, as `python -m` takes them."""
    files = [
        path
        for top in ("experiments", "tf_data", "benchmarks")
        for path in ROOT.glob(f"{top}/**/*.py")
    ]
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__")
        for path in files
        if '\nif __name__ == "__main__":' in path.read_text(encoding="utf-8")
    ]
    return sorted(set(names) - _PARTS)


def test_all_commands_are_found():
    assert {"experiments.run", "experiments.turing", "experiments.tables.results"} <= set(
        commands()
    )


@pytest.mark.parametrize("name", commands())
def test_help_names_the_command(name, capsys):
    path = ROOT.joinpath(*name.split("."))
    module = importlib.import_module(f"{name}.__main__" if path.is_dir() else name)
    with pytest.raises(SystemExit) as stopped:
        module.main(["--help"])
    assert stopped.value.code == 0
    usage = capsys.readouterr().out.split()
    assert usage[:4] == ["usage:", "python", "-m", name]
