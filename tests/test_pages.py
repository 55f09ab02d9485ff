"""Links and commands in the pages for people."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "benchmarks/README.md")),
    *(ROOT / name for name in ("experiments/results/README.md", "saved_models/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
COMMANDS = [
    (page.relative_to(ROOT), command)
    for page in PAGES
    for command in re.findall(
        r"python -m ((?:experiments|tf_data|polychrome|benchmarks)\.(?:\\\n|[^\n`|#])*)",
        page.read_text(encoding="utf-8"),
    )
]

# Functions that give a command options, and the sources of these.
SHARED = {
    function: (ROOT / f"experiments/command_line/{file}.py").read_text(encoding="utf-8")
    for function, file in (("run_parser", "parser"), ("study_parser", "study"))
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        path, _, heading = target.partition("#")
        if "://" in path:
            continue
        linked = page.parent / path if path else page
        assert linked.exists(), target
        if heading:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in [title.lower().replace(" ", "-") for title in headings], target


def test_there_are_commands():
    assert len(COMMANDS) > 40


@pytest.mark.parametrize(("page", "command"), COMMANDS, ids=str)
def test_commands_and_their_options_exist(page, command):
    module, *words = command.split()
    found = importlib.util.find_spec(module)
    assert found is not None and found.origin, f"{page}: {module}"
    origin = Path(found.origin)
    if origin.name == "__init__.py":  # a package that runs
        origin = origin.with_name("__main__.py")
    sources = origin.read_text(encoding="utf-8")
    assert '"__main__"' in sources, f"{page}: {module} is no command"
    own, passed = sources, ""
    for function, shared in SHARED.items():
        own += shared if function in sources else ""
    if "--" in words:  # what follows goes to experiments.run
        place = words.index("--")
        words, passed = words[:place], words[place:]
    for options, known in ((words, own), (passed, SHARED["run_parser"])):
        for option in (word for word in options if re.fullmatch("--[a-z-]+", word)):
            assert f'"{option}"' in known, f"{page}: {module} has no {option}"
