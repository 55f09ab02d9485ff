"""Which photographs are collected: sets in public repositories, each at one commit."""

from dataclasses import dataclass

NO_LICENSE = "none stated"


@dataclass(frozen=True)
class PhotoSet:
    """A set of photographs in a git repository.

    Attributes:
        name: the set's folder in the collection.
        repository: OWNER/NAME on GitHub.
        commit: the full name of the commit to read.
        contents: what is in it, in a few words.
        folders: beginnings of the paths of its photographs.
        without: beginnings of paths among these to leave out.
        license: what the repository states for its files.
        held_out: whether the whole set is kept for grading.
    """

    name: str
    repository: str
    commit: str
    contents: str
    folders: tuple[str, ...] = ("",)
    without: tuple[str, ...] = ()
    license: str = NO_LICENSE
    held_out: bool = False


SETS = (
    PhotoSet(
        "imagenet_sample",
        "ajschumacher/imagen",
        "2e8718956e3bb046db9a8e488c2254fd9846b6c5",
        "ImageNet, five photographs of each of 200 classes",
        held_out=True,
    ),
    PhotoSet(
        "flickr8k",
        "quantumnaan/sic_translator",
        "d27da85cff2dbf143fcaf365aece667d66c4298f",
        "people and dogs in everyday life",
        ("data/images/",),
        held_out=True,
    ),
    PhotoSet(
        "clothing",
        "alexeygrigorev/clothing-dataset-small",
        "11961516512414bf9f6c150a832cfd21b54a6b54",
        "clothes, photographed at home",
        license="CC0-1.0",
        held_out=True,
    ),
    PhotoSet(
        "bsds500",
        "BIDS/BSDS500",
        "a04b7c6c3a9f0ace74bf205c72a43d32e1c72722",
        "Berkeley Segmentation Data Set, its 100 validation images",
        ("BSDS500/data/images/val/",),
        held_out=True,
    ),
    PhotoSet(
        "imagenette",
        "thunderInfy/imagenette",
        "b850f030ff0701c36a4adc8b928ea9483a46915b",
        "ten classes of ImageNet",
        ("train/", "val/"),
    ),
    PhotoSet(
        "imagewoof",
        "q878787/imagewoof2-320",
        "874e58f0c1acebb0d90e40f48460d65322f09f85",
        "ten breeds of dogs from ImageNet",
    ),
    PhotoSet(
        "intel_scenes",
        "yadavaditya13/Image_Classification_Using_Deep_Learning",
        "029bdafbcdc4b2ab866fd3706487c982be58b54d",
        "buildings, forests, glaciers, mountains, seas and streets",
        ("dataset/seg_",),
    ),
    PhotoSet(
        "lfw",
        "braun-steven/dfi-tensorflow",
        "0a86d9a0c4e0c208f03766075a0fbaead1374e3e",
        "Labeled Faces in the Wild",
        ("data/lfw-deepfunneled/",),
    ),
    PhotoSet(
        "utk_faces",
        "Mohanish-5744/Major_Ensemble_Gender",
        "2f8aa4a5932c395d465f4f58d864b6a17a1b03f6",
        "UTKFace, faces of all ages",
        ("crop_part1/",),
    ),
    PhotoSet(
        "caltech101",
        "taibarehm/CVassimgement",
        "5e5ee696e6576f6ed4c674e3763f77e40242332a",
        "101 kinds of objects",
        ("caltech-101/",),
        # The photographs of Faces again, cropped.
        ("caltech-101/Faces_easy/",),
    ),
    PhotoSet(
        "cars",
        "fmejbah/car_dataset1",
        "2ac6920297f51277ac4e24afd231c46d35077831",
        "Stanford cars",
    ),
    PhotoSet(
        "cats_and_dogs",
        "chanakya2734/Image-classification-using-CNN",
        "bf746c6e53f1edacd97b383de350f7a495cef0e1",
        "cats and dogs",
        ("dataset/",),
    ),
    PhotoSet(
        "grocery",
        "marcusklasson/GroceryStoreDataset",
        "fc80ba90f803d79d0383df52c5a4ac5de99ff6fc",
        "fruit, vegetables and cartons in shops",
        ("dataset/",),
        license="MIT",
    ),
    PhotoSet(
        "flowers",
        "martinwestin/flower_classification",
        "c169e7e4038bc0e0e2fe80090b6dc8919539816f",
        "five kinds of flowers",
        ("flowers/",),
    ),
    PhotoSet(
        "weather",
        "shubhankarm01/Weather-image-classification",
        "3dbe27cfcf470d8bb32464a9cb8fa64e93052a81",
        "skies, clouds, rain and sunrise",
        ("train/", "test/"),
    ),
)
