"""Links and commands in the pages for people."""

import argparse
import importlib
import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from experiments.command_line.parser import run_parser
from experiments.reported.settings import ROWS

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *(ROOT / f"{name}/README.md" for name in ("benchmarks", "benchmarks/results")),
    *(ROOT / f"{name}/README.md" for name in ("experiments/results", "saved_models")),
    *(ROOT / f"experiments/results/{name}/README.md" for name in ("ablation", "bakeoff")),
    *sorted((ROOT / "polychrome/presets").glob("*/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
SYSTEMS = [name for row in ROWS for name in row.systems]
# Words of the pages that stand for others, where a parser or a shell would not take them as text.
STANDS_FOR = {"NAME": SYSTEMS[0], "NAME,...": SYSTEMS[0], "...": "python -m experiments.run tiny"}
COMMAND = re.compile(
    r"(?:\.\.\.|(?:\.venv/bin/)?(?:python -m (?:experiments|tf_data|polychrome|benchmarks)\.|"
    r"polychrome (?:colorize|models)\b)).*"
)


def commands(page: Path) -> list[list[str]]:
    """The words of each command: those of blocks for a shell, and those quoted within lines."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    quoted = re.findall(r"`([^`]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.M | re.DOTALL))
    found = []
    for line in (*lines, *(" ".join(each.split()) for each in quoted)):
        for part in re.split(r"&&|;|\||\bdo\b", line):
            if COMMAND.fullmatch(part := part.strip()):
                # Brackets are around what may be left out; "#" begins a comment at a word alone.
                plain = re.sub(r"\s#.*", "", re.sub(r"\[(--.*?)\]", r"\1", part))
                words = shlex.split(plain)
                found.append([w for word in words for w in replaced(word)])
    return found


def replaced(word: str) -> list[str]:
    return STANDS_FOR[word].split() if word in STANDS_FOR else [word]


COMMANDS = [(page.relative_to(ROOT), words) for page in PAGES for words in commands(page)]


class Parsed(BaseException):
    """Raised in the place of what a command does; no command catches it."""


@pytest.fixture
def parse_only(monkeypatch):
    """Let each parser parse, and end its command there."""
    parse = argparse.ArgumentParser.parse_args

    def stop(self, *arguments, **more):
        raise Parsed(parse(self, *arguments, **more))

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", stop)


def module_of(words: list[str]) -> tuple[str, list[str]]:
    """The module that a command runs, and the arguments that it gets."""
    if words[0].endswith("polychrome"):
        return "polychrome.cli", words[1:]
    name = words[2]
    found = importlib.util.find_spec(name)
    assert found is not None and found.origin, name
    path = Path(found.origin)
    if path.name == "__init__.py":  # a package that runs
        name, path = f"{name}.__main__", path.with_name("__main__.py")
    assert '"__main__"' in path.read_text(encoding="utf-8"), f"{name} runs nothing"
    return name, words[3:]


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
    assert len(COMMANDS) > 80
    assert {words[0].split("/")[-1] for _, words in COMMANDS} == {"python", "polychrome"}


@pytest.mark.parametrize(
    ("page", "words"), COMMANDS, ids=[f"{page}: {' '.join(words)}" for page, words in COMMANDS]
)
def test_commands_are_what_their_own_parsers_take(page, words, parse_only, capsys):
    name, arguments = module_of(words)
    if not arguments or words[-2:] == ["polychrome", "colorize"]:
        return  # there is nothing to parse, or it is only named
    main = importlib.import_module(name).main
    if arguments[-1] == "--help":
        with pytest.raises(SystemExit, match="^0$"):
            main(arguments)
        return
    with pytest.raises(Parsed) as parsed:
        main(arguments)
    options = vars(parsed.value.args[0])
    if "experiments.run" in words and options["recipe"] is not None:
        assert options["recipe"] in SYSTEMS
    if "--" in arguments:  # what follows goes to experiments.run
        with pytest.raises(Parsed):
            run_parser().parse_args([SYSTEMS[0], *arguments[arguments.index("--") + 1 :]])


@pytest.mark.parametrize("mistake", ["--vivids 1", "--vivid much", "--resume --"])
def test_a_mistake_in_a_command_is_found(mistake, parse_only, capsys):
    colorize = ["polychrome", *"colorize album".split(), *mistake.split()]
    name, arguments = module_of(colorize)
    with pytest.raises(SystemExit, match="^2$"):
        importlib.import_module(name).main(arguments)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_tests_that_a_page_names_exist(page):
    for path in re.findall(r"pytest[^`\n]*? (tests/\S+?)[`\s]", page.read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), path
