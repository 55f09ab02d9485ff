"""Data sets prepared by tensorflow-datasets: Places365 small, COCO 2017, LSUN rooms.

Their files are read record by record, because the pipeline reads single photographs from several
threads and tensorflow-datasets supports that only for array_record files. Items are the JPEG files
as published. No data set has a class for each photograph in each split, so there are no labels.
"""

import bisect
import importlib.util
import itertools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from polychrome.errors import InputError
from tf_data.sources.split import SPLITS, Source, Split, fingerprint
from tf_data.sources.tfrecord import Records

# An official split and the range taken from it, in the order on disk, which is shuffled. Integers
# count photographs; fractions are shares of the split.
Part = tuple[str, int | float, int | float]


@dataclass(frozen=True)
class Prepared:
    """A data set of tensorflow-datasets.

    Attributes:
        name: as `tfds.builder` takes it.
        download: what is downloaded to prepare it.
        as_reported: the range of each split that gives the report's size.
        whole: the range of each split that uses everything.
        sizes: the source of the sizes in `as_reported`, as text.
        needs: a package needed to prepare it that tensorflow-datasets doesn't install.
    """

    name: str
    download: str
    as_reported: Mapping[str, Part]
    whole: Mapping[str, Part]
    sizes: str
    needs: str = ""


def _sizes(report: str) -> str:
    return f"the number that the {report} report used or the nearest there is"


OFFICIAL = {split: (split, 0, 1.0) for split in SPLITS}

# DTU report, section 2: "about 30,000 images and a testing set of 10,000", none for validation.
PLACES365_SMALL = Prepared(
    name="places365_small",
    download="31 GB",
    as_reported={
        "train": ("train", 0, 30_000),
        "validation": ("validation", 0, 3_000),
        "test": ("test", 0, 10_000),
    },
    whole=OFFICIAL,
    sizes=_sizes("DTU"),
)

# VVIT report, Results: "8000 were utilized for the training process and 2000 ... for the testing".
COCO_2017 = Prepared(
    name="coco/2017",
    download="27 GB",
    as_reported={
        "train": ("train", 0, 8_000),
        "validation": ("validation", 0, 1_000),
        "test": ("test", 0, 2_000),
    },
    whole=OFFICIAL,
    sizes=_sizes("VVIT"),
)

# LSUN's validation split has 300 images and its test split has no categories, so the last training
# images are the test images.
_LSUN_WHOLE = {
    "train": ("train", 0, 0.99),
    "validation": ("validation", 0, 1.0),
    "test": ("train", 0.99, 1.0),
}
# Linköping report, section 2.3.1: 5 % of 657,571 images to train on.
_LSUN_SHARE = _LSUN_WHOLE | {"train": ("train", 0, 0.05)}

LSUN_DINING_ROOM = Prepared(
    name="lsun/dining_room",
    download="12 GB",
    as_reported=_LSUN_SHARE,
    whole=_LSUN_WHOLE,
    sizes=_sizes("Linköping"),
    needs="tensorflow_io",
)

# Linköping report, section 4.1.1: classrooms were tried first and given up for dining rooms,
# because they vary more and show people. The report does not say how many there were.
LSUN_CLASSROOM = Prepared(
    name="lsun/classroom",
    download="3.3 GB",
    as_reported=_LSUN_SHARE,
    whole=_LSUN_WHOLE,
    sizes="the share of dining rooms that the Linköping report used; it gives none for classrooms",
    needs="tensorflow_io",
)


def open_prepared(
    data: Prepared, data_dir: Path | None = None, download: bool = False, *, whole: bool = False
) -> Source:
    """Open one of the data sets above; tensorflow-datasets prepares it if allowed.

    Args:
        data: which one.
        data_dir: the folder of tensorflow-datasets. None: $TFDS_DATA_DIR or, if it is not set,
            ~/tensorflow_datasets.
        download: whether it may be downloaded and prepared there.
        whole: use everything instead of as much as the report used.

    Raises:
        InputError: it is missing, incomplete, not in TFRecord format, or can't be prepared.
    """
    import tensorflow_datasets as tfds  # Imported here because it takes a second.

    place = Path(data_dir or tfds.core.constants.DATA_DIR).expanduser()
    try:
        builder = tfds.builder(data.name, data_dir=place, try_gcs=False)
        # `builder.is_prepared()` would log a warning in addition to our message.
        missing = not (Path(builder.data_path) / "dataset_info.json").exists()
    except Exception as error:  # A broken dataset_info.json raises many kinds of errors.
        raise InputError(f"{place}: {data.name} in it can't be read ({_line(error)})") from error
    if missing:
        _prepare(data, builder, place, download)
    if builder.info.file_format is not tfds.core.FileFormat.TFRECORD:
        raise InputError(
            f"{builder.data_path}: prepared as {builder.info.file_format.value}; prepare it as "
            "tfrecord, the default of tensorflow-datasets"
        )
    parts = data.whole if whole else data.as_reported
    splits = {split: _split(builder, part) for split, part in parts.items()}
    notice = ""
    if not whole:
        counts = " + ".join(f"{len(splits[split]):,}" for split in SPLITS)
        notice = (
            f"{data.name}: {counts} photographs, {data.sizes}; it doesn't say which ones. "
            f"All: the source {data.name}/all."
        )
    return Source(name=data.name + "/all" * whole, splits=splits, notice=notice)


def _prepare(data: Prepared, builder, place: Path, download: bool) -> None:
    """Prepare the files with tensorflow-datasets; `InputError` if not allowed or not possible.

    `builder` is a `tfds.core.DatasetBuilder`.
    """
    import tensorflow_datasets as tfds

    if not download:
        raise InputError(
            f"no {data.name} in {place}: tensorflow-datasets keeps it as {builder.data_path}. Give "
            "the folder of all its data, also by TFDS_DATA_DIR=PATH, or let it download and "
            f"prepare the data ({data.download} to fetch)",
            ("data_dir", "download"),
        )
    if data.needs and importlib.util.find_spec(data.needs) is None:
        raise InputError(
            f"tensorflow-datasets prepares {data.name} with {data.needs}, which isn't here and has "
            "no release for this TensorFlow (0.37.1 goes with 2.16): run "
            f"tfds.builder({data.name!r}).download_and_prepare() in an environment that has it, "
            "and give the folder",
            ("download", "data_dir"),
        )
    try:
        builder.download_and_prepare(
            download_config=tfds.download.DownloadConfig(try_download_gcs=False)
        )
    except Exception as error:  # Its errors and those of its downloader have no common base.
        raise InputError(
            f"tensorflow-datasets can't prepare {data.name} in {place}: {_line(error)}",
            ("download",),
        ) from error


def _split(builder, part: Part) -> Split:
    """A range of an official split of a `tfds.core.DatasetBuilder`."""
    split, start, stop = part
    if split not in builder.info.splits:
        raise InputError(f"{builder.data_path}: has no {split!r} split; prepare it again")
    total = builder.info.splits[split].num_examples
    start, stop = (
        round(end * total) if isinstance(end, float) else min(end, total) for end in (start, stop)
    )
    if start == stop:
        raise InputError(
            f"{builder.data_path}: {total} photographs in its {split!r} split are too few to take "
            "a part of; prepare it again"
        )
    files = [
        Records(Path(file.filename), file.skip, file.skip + file.take)
        for file in builder.info.splits[f"{split}[{start}:{stop}]"].file_instructions
    ]
    try:
        states = [os.stat(file.path) for file in files]
    except OSError as error:
        raise InputError(
            f"{error.filename}: {error.strerror}; the data set isn't whole, prepare it again"
        ) from error
    firsts = list(itertools.accumulate(map(len, files), initial=0))

    def read(index: int) -> bytes:
        file = bisect.bisect_right(firsts, index) - 1
        return _image(files[file].read(index - firsts[file]), files[file].path)

    return Split(
        # The same number as in tfds.load(NAME, split="train[17:18]").
        names=tuple(f"{split}/{index}" for index in range(start, stop)),
        read=read,
        fingerprint=fingerprint(
            (file.path.name, file.start, file.stop, state.st_size, state.st_mtime_ns)
            for file, state in zip(files, states, strict=True)
        ),
    )


def _image(record: bytes, path: Path) -> bytes:
    """The encoded image in a serialized `tf.train.Example`. Raises `OSError` if it's damaged."""
    import tensorflow as tf
    from google.protobuf.message import DecodeError

    try:
        features = tf.train.Example.FromString(record).features.feature
    except DecodeError as error:
        raise OSError(f"{path}: a damaged record") from error
    image = features["image"].bytes_list.value
    if not image:
        raise OSError(f"{path}: a record without an image")
    return image[0]


def _line(error: Exception) -> str:
    """The first line of an error's text."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
