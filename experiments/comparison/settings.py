"""What a bake-off is of, as its folder keeps it: systems, budget, and graded images."""

import dataclasses
from collections.abc import Collection, Sequence
from pathlib import Path

from experiments.comparison.kinds import YARDSTICK_ROWS
from polychrome.errors import InputError
from polychrome.files import read_json, write_json

FILE = "settings.json"
# What stands for a place on the machine of the bake-off, where it says nothing to others.
PATH, RUN = "PATH", "RUN"
# Options of `experiments.run` whose values are such places.
PLACES = ("--data-dir", "--encoder-weights", "--loss-weights", "--histogram")
# Gradings that need a package of their own, or take long.
OPTIONAL = ("superpixels", "st_lpips", "lite0")
# Validation images graded after each epoch for the training curves, at most.
CURVE_IMAGES = 200


@dataclasses.dataclass(frozen=True)
class System:
    """One of the compared systems.

    Attributes:
        name: in files: that of its recipe, or of what was taken.
        taken: the folder of a run, or a preset, that is graded as it is; None: trained here.
        seeds: the last one; they count from 1.
        dropped: those before it that are none of its runs.
    """

    name: str
    taken: str | None = None
    seeds: int = 1
    dropped: tuple[int, ...] = ()

    @property
    def numbers(self) -> list[int]:
        """The seeds of its runs."""
        return [seed for seed in range(1, self.seeds + 1) if seed not in self.dropped]

    def of_seeds(self, numbers: Collection[int]) -> "System":
        """It with other seeds, one at least."""
        last = max(numbers)
        dropped = tuple(seed for seed in range(1, last) if seed not in numbers)
        return dataclasses.replace(self, seeds=last, dropped=dropped)


@dataclasses.dataclass(frozen=True)
class Budget:
    """What each training run may spend, one of two; all networks of a system share it.

    Attributes:
        images: that its gradient steps see, counted each time.
        cpu_seconds: process CPU time of its gradient steps, all threads together.
    """

    images: int | None = None
    cpu_seconds: float | None = None

    def __str__(self) -> str:
        if self.images is not None:
            return f"{self.images:,} images"
        if self.cpu_seconds is not None:
            return f"{self.cpu_seconds / 60:,.4g} minutes of process CPU time"
        return "no training"


@dataclasses.dataclass(frozen=True)
class Entry:
    """One line of work: a system with a seed, or all the yardsticks.

    Attributes:
        system: its name.
        seed: from 1; 0 for the yardsticks.
    """

    system: str
    seed: int

    @property
    def place(self) -> Path:
        """Where its files are, below a folder for each kind of them."""
        return Path(self.system) / f"seed-{self.seed}"

    def __str__(self) -> str:
        return f"{self.system}, seed {self.seed}" if self.seed else self.system


YARDSTICKS = Entry("yardsticks", 0)


@dataclasses.dataclass(frozen=True)
class Settings:
    """Everything that all rows of a bake-off have in common, and the systems.

    Attributes:
        systems: in table order.
        budget: of each training run.
        split: that is graded, "test" or "validation".
        graded: largest number of graded images, evenly spread; None: all.
        skipped: of `OPTIONAL`, what is left out.
        passed: options of `experiments.run` for all.
    """

    systems: tuple[System, ...]
    budget: Budget
    split: str = "test"
    graded: int | None = None
    skipped: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()

    @property
    def entries(self) -> list[Entry]:
        """All work in order: every system with a seed comes before any with the next."""
        most = max((system.seeds for system in self.systems), default=0)
        return [YARDSTICKS] + [
            Entry(system.name, seed)
            for seed in range(1, most + 1)
            for system in self.systems
            if seed in system.numbers
        ]

    def system(self, name: str) -> System:
        """The system of a name."""
        return next(system for system in self.systems if system.name == name)

    def joined(self, other: "Settings", folder: Path) -> "Settings":
        """These, and the systems of another that are not among them, with its places of files.

        Raises:
            InputError: something else differs.
        """
        for field in dataclasses.fields(self):
            mine, theirs = (getattr(each.without_places(), field.name) for each in (self, other))
            if field.name != "systems" and mine != theirs:
                raise InputError(
                    f"{folder}: was begun with {field.name} {_said(mine)}, not {_said(theirs)}; "
                    "ask for the same, or begin in another folder",
                    ("out",),
                )
        systems = {system.name: system for system in self.systems}
        for system in other.systems:
            before = systems.get(system.name)
            if before is not None and before.taken not in (system.taken, RUN):
                raise InputError(
                    f"{system.name}: is {before.taken or 'trained'} in {folder} already; name "
                    "the other one differently"
                )
            if before is None:
                systems[system.name] = system
            elif not set(system.numbers) <= set(before.numbers):
                systems[system.name] = system.of_seeds({*system.numbers, *before.numbers})
        return dataclasses.replace(self, systems=tuple(systems.values()), passed=other.passed)

    def named(self, texts: Sequence[str]) -> list[Entry]:
        """The entries of systems, or of single seeds of them.

        Args:
            texts: each NAME or NAME:SEED.

        Raises:
            InputError: there is no such system or seed.
        """
        found = []
        for text in texts:
            name, colon, number = text.partition(":")
            seeds = {system.name: system.numbers for system in self.systems}
            if name not in seeds:
                known = ", ".join(seeds) or "none"
                raise InputError(f"{text}: no system here is named {name!r}; there are: {known}")
            wanted = [seed for seed in seeds[name] if not colon or str(seed) == number]
            if not wanted:
                known = ", ".join(map(str, seeds[name]))
                raise InputError(f"{text}: {number!r} is no seed of {name}; there are: {known}")
            found += [Entry(name, seed) for seed in wanted]
        return found

    def without(self, entries: Collection[Entry]) -> "Settings":
        """These without some entries, and without systems that have no other."""
        systems = []
        for system in self.systems:
            left = [seed for seed in system.numbers if Entry(system.name, seed) not in entries]
            systems += [system.of_seeds(left)] if left else []
        return dataclasses.replace(self, systems=tuple(systems))

    def without_places(self) -> "Settings":
        """These with `PATH` and `RUN` in place of folders of this machine; presets stay."""
        passed = list(self.passed)
        for place, word in enumerate(passed):
            name, equals, _ = word.partition("=")
            if equals and name in PLACES:
                passed[place] = f"{name}={PATH}"
            elif place and passed[place - 1] in PLACES:
                passed[place] = PATH
        systems = tuple(
            dataclasses.replace(system, taken=RUN) if "/" in (system.taken or "") else system
            for system in self.systems
        )
        return dataclasses.replace(self, systems=systems, passed=tuple(passed))

    def write(self, folder: Path) -> None:
        """Keep them in a bake-off's folder."""
        write_json(folder / FILE, dataclasses.asdict(self))


def read_settings(folder: Path) -> Settings:
    """Those of a bake-off's folder.

    Raises:
        InputError: there is none, or they are damaged.
    """
    path = folder / FILE
    if not path.exists():
        raise InputError(f"{folder}: holds no bake-off (no {FILE}); name systems and a budget")
    record = read_json(path)
    try:
        return Settings(
            tuple(
                System(
                    each["name"],
                    each.get("taken"),
                    int(each.get("seeds", 1)),
                    tuple(map(int, each.get("dropped", ()))),
                )
                for each in record["systems"]
            ),
            Budget(**record["budget"]),
            record["split"],
            record["graded"],
            tuple(record["skipped"]),
            tuple(record["passed"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: is not of a bake-off, or damaged ({error})") from error


def systems_of(
    trained: Sequence[str], taken: Sequence[str], seeds: int, known: Sequence[str]
) -> tuple[System, ...]:
    """Systems by what the command line says.

    Args:
        trained: recipes, as NAME or NAME:SEEDS.
        taken: folders of runs, or presets, as SOURCE or NAME=SOURCE.
        seeds: of a recipe that names no number.
        known: names of recipes.

    Raises:
        InputError: a recipe is unknown, a number is none, or a name stands twice, for a row that
            every bake-off has, or for no file.
    """
    systems = []
    for text in trained:
        name, colon, number = text.partition(":")
        if name not in known:
            raise InputError(f"no system is named {name!r}; there are: {', '.join(known)}")
        if colon and not (number.isdecimal() and int(number)):
            raise InputError(f"{text}: {number!r} should be a number of seeds from 1 on")
        systems.append(System(name, seeds=int(number) if colon else seeds))
    for text in taken:
        name, _, source = text.rpartition("=")
        name = name or Path(source).name
        if "/" in name or name[:1] in ("", "."):
            raise InputError(f"{text}: {name!r} can't name files; give it another, NAME=SOURCE")
        systems.append(System(name, taken=source))
    names = [system.name for system in systems]
    for name in names:
        if names.count(name) > 1 or name in (YARDSTICKS.system, *YARDSTICK_ROWS):
            raise InputError(f"{name}: stands for two rows; give one another name, NAME=SOURCE")
    return tuple(systems)


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
