"""Which package imports which, read from the sources: imports within functions count too."""

import ast
import graphlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# A top-level package imports those after it, never those before it.
ORDER = ("experiments", "tf_data", "polychrome")
# Networks and mathematics know nothing of training, files of weights, or serving.
MATHEMATICS = frozenset(f"polychrome.{name}" for name in ("color", "layers", "losses", "metrics"))
FOR_ALL = {f"polychrome.{name}" for name in ("compiling", "errors", "files", "tensors")}


def module_name(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> set[str]:
    """Names that a file imports: modules, and what it takes from them, as `module.name`."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imports(root: Path, package: str) -> Iterator[tuple[str, str]]:
    """Pairs (importing module, imported name) of all files of a package."""
    paths = sorted((root / package).rglob("*.py"))
    assert paths, f"{root / package}: no sources"
    for path in paths:
        for name in sorted(imported(path)):
            yield module_name(path, root), name


def upward(root: Path) -> list[str]:
    """Imports against `ORDER`."""
    return [
        f"{module} imports {name}"
        for place, package in enumerate(ORDER)
        for module, name in imports(root, package)
        if name.partition(".")[0] in ORDER[:place]
    ]


def part_of(name: str) -> str:
    """The part of a package that a module belongs to: `polychrome.layers` of noise there."""
    return ".".join(name.split(".")[:2])


def parts(root: Path, package: str = "polychrome") -> dict[str, set[str]]:
    """For each part of a package, the other parts that it imports."""
    known = {part_of(module_name(path, root)) for path in (root / package).rglob("*.py")}
    graph: dict[str, set[str]] = {part: set() for part in known}
    for module, name in imports(root, package):
        if name.partition(".")[0] == package:
            # `from polychrome import load` takes a name of the package itself.
            target = part_of(name) if part_of(name) in known else package
            graph[part_of(module)] |= {target} - {part_of(module)}
    return graph


def write(root: Path, sources: dict[str, str]) -> None:
    for name, source in sources.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(source)


def test_experiments_import_tf_data_and_both_import_polychrome():
    assert upward(ROOT) == []


@pytest.mark.parametrize("package", ORDER)
def test_parts_of_a_package_import_each_other_without_a_circle(package):
    graphlib.TopologicalSorter(parts(ROOT, package)).prepare()


@pytest.mark.parametrize("part", sorted(MATHEMATICS | {"polychrome.models"}))
def test_mathematics_and_networks_know_no_training_files_of_weights_or_serving(part):
    found = parts(ROOT)[part]
    assert found and found <= MATHEMATICS | FOR_ALL


def test_the_way_of_a_run_is_the_one_that_contributing_names():
    """Each file is one that a file before it imports; recipes are imported by their package."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    sentence = re.search(r"read in twelve files, each once: (.*?)\.\n", text, re.DOTALL)
    assert sentence is not None
    way = re.findall(r"`(.+?\.py)`", sentence[1])
    assert len(way) == len(set(way)) == 12
    known = set(imported(ROOT / "experiments" / "recipes" / "__init__.py"))
    for place, name in enumerate(way):
        path = ROOT / "experiments" / name
        module = module_name(path, ROOT)
        assert place == 0 or any(each.startswith(module) for each in known), name
        known |= imported(path)


def test_an_import_within_a_function_against_the_order_is_found(tmp_path):
    write(
        tmp_path,
        {
            "experiments/run.py": "import tf_data\nfrom polychrome import load\n",
            "tf_data/store.py": "def read():\n    from experiments.recipe import Recipe\n",
            "polychrome/files.py": "import tf_data.store as store\n",
        },
    )
    assert upward(tmp_path) == [
        "tf_data.store imports experiments.recipe.Recipe",
        "polychrome.files imports tf_data.store",
    ]


@pytest.mark.parametrize(
    "line",
    ["from polychrome.training.train import train", "from polychrome import training"],
)
def test_a_circle_between_parts_is_found(tmp_path, line):
    write(
        tmp_path,
        {
            "polychrome/__init__.py": "from polychrome.training import train\n",
            "polychrome/layers/noise.py": f"def sample():\n    {line}\n",
            "polychrome/training/__init__.py": "",
            "polychrome/training/train.py": "from polychrome.layers import noise\n",
        },
    )
    with pytest.raises(graphlib.CycleError):
        graphlib.TopologicalSorter(parts(tmp_path)).prepare()
