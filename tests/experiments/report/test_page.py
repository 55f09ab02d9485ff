"""The page of a run: complete, self-contained, and safe from what names may hold."""

import base64
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from experiments.report.figures.drawing import draw_filmstrip, draw_grid
from experiments.report.page import write_report
from polychrome.errors import InputError

EVIL = '"><script>alert(1)</script><img src=http://x.example/y.png>{{ 7*7 }}'
HEADER = "epoch,loss,val_loss,psnr_chroma,val_psnr_chroma,images_per_second,seconds\n"
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """Elements, attributes and text of a page; fails on tags that don't nest."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.ids = [], [], {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        element = {"tag": tag, "text": "", **dict(attributes)}
        self.elements.append(element)
        if "id" in element:
            self.ids[element["id"]] = element
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1]["tag"] == tag, f"</{tag}> closes nothing"
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag):
        return [element for element in self.elements if element["tag"] == tag]

    def words(self, identity):
        return " ".join(self.ids[identity]["text"].split())


def value(mean, width=0.2):
    if width is None:
        return {"mean": mean, "low": None, "high": None}
    return {"mean": mean, "low": mean - width, "high": mean + width}


def metrics(label="PolychromifyAB"):
    def row(kind, label, values, **more):
        base = {"system": kind, "label": label, "kind": kind, "source": "", "budget": ""}
        return {**base, "values": values, **more}

    return {
        "metrics": {
            "psnr": {"label": "PSNR (dB)", "better": "higher", "meaning": "Peak over noise."},
            "ssim": {"label": "SSIM", "better": "higher", "meaning": "Likeness of structure."},
        },
        "rows": [
            row("best_constant", "best constant", {"psnr": value(24.6), "ssim": value(0.94, 0.01)}),
            row("mean_color", "mean color", {"psnr": value(24.5), "ssim": value(0.93, 0.01)}),
            row("do_nothing", "do nothing", {"psnr": value(23.74), "ssim": value(0.935, 0.01)}),
            row(
                "ours",
                label,
                {"psnr": value(21.9), "ssim": value(0.9056, 0.01)},
                budget="30 epochs of 324 images",
            ),
            row(
                "reported",
                "PolychromifyAB",
                {"psnr": value(22.444, None)},
                source="Padova, Table 2",
                same_images=True,
            ),
        ],
        "images": {
            "graded": 10000,
            "gray": 201,
            "skipped": {"train": [{"name": EVIL, "reason": "not an image"}], "test": []},
            "train": 324,
            "validation": 54,
        },
        "verdict": "PolychromifyAB does not beat the best constant: PSNR 21.90 against 24.60 dB.",
    }


@pytest.fixture
def run(tmp_path):
    run = tmp_path / "run"
    networks = [{"name": n, "epochs": 2, "parameters": 1084737, "channels": [n]} for n in "ba"]
    recipe = {
        "name": "polychromify_ab",
        "title": "PolychromifyAB",
        "source": "sample",
        "reproduce": "python -m experiments.run polychromify_ab --data tiny_imagenet "
        "--data-dir PATH",
        "image_size": 64,
        "networks": networks,
        "deterministic": False,
        "limit": None,
    }
    generator = np.random.default_rng(0)
    photographs = generator.integers(0, 256, (2, 8, 8, 3), np.uint8)
    for name in "ab":
        pictures = run / "networks" / name / "pictures"
        pictures.mkdir(parents=True)
        (run / "networks" / name / "history.csv").write_text(
            HEADER + "1,0.03,0.04,20,19.5,300,11\n2,0.02,0.05,21,20.5,310,12\n"
        )
        for epoch in (1, 2, 10):
            picture = generator.integers(0, 256, photographs.shape, np.uint8)
            draw_grid({"now": picture}, pictures / f"epoch-{epoch:03d}.png")
    draw_filmstrip([("epoch 1", photographs)], run / "networks" / "b" / "filmstrip.png")
    draw_grid({"gray": photographs, "truth": photographs}, run / "test_grid.png")
    for file, content in (
        ("recipe", recipe),
        ("environment", {"python": "3.11", "devices": "CPU:0, CPU:1", "git_commit": None}),
        ("metrics", metrics()),
        ("timings", {"train a": {"seconds": 3725.2, "cpu_seconds": 6600.0}, "grade": 4.25}),
    ):
        (run / f"{file}.json").write_text(json.dumps(content))
    return run


def page_of(run):
    return Page(write_report(run).read_text(encoding="utf-8"))


def change(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_table_has_systems_in_order_with_marks_and_intervals(run):
    change(run / "recipe.json", source="tiny_imagenet")
    page = page_of(run)
    heads = [" ".join(th["text"].split()) for th in page.all("th") if th.get("scope") == "col"]
    assert heads[1] == (
        "PolychromifyAB † ours 30 epochs of 324 images trained for 1 h 02 min (CPU 1 h 50 min)"
    )
    assert heads[2] == "PolychromifyAB † report's figure Padova, Table 2"
    names = ("do nothing", "mean color", "best constant")
    assert heads[3:6] == [f"{name} trivial baseline" for name in names]
    cells = [" ".join(td["text"].split()) for td in page.all("td")][:8]
    assert cells[:5] == [
        "21.90 †[21.70, 22.10]",
        "22.44 †",
        "23.74[23.54, 23.94]",
        "24.50[24.30, 24.70]",
        "24.60[24.40, 24.80]",
    ]
    assert cells[6] == "–"
    results = page.words("results")
    assert (
        "Results on 10,000 test images" in results
        and "does not beat the best trivial baseline" in results
    )
    assert "201 of the graded images are already gray" in results
    assert "Likeness of structure." in results


def test_gray_photographs_that_were_left_out_are_counted(run):
    assert "left out" not in page_of(run).words("skipped")  # nor do earlier runs know of any
    images = metrics()["images"] | {"left_out": {"train": ["a"] * 38, "validation": [], "test": []}}
    change(run / "metrics.json", images=images)
    assert "Gray photographs left out, listed in metrics.json: 38 of train." in page_of(run).words(
        "skipped"
    )


def test_the_sample_is_announced_and_not_compared(run):
    compared = metrics()
    compared["rows"][4]["same_images"] = False
    (run / "metrics.json").write_text(json.dumps(compared))
    page = page_of(run)
    (banner,) = [e for e in page.elements if e.get("class") == "banner"]
    assert "not on the system’s own data" in banner["text"]
    assert "--data tiny_imagenet --data-dir PATH" in banner["text"]
    assert "22.44 †" not in page.words("results")
    assert "own test images" in page.words("results")
    change(run / "recipe.json", source="tiny_imagenet")
    assert not [e for e in page_of(run).elements if e.get("class") == "banner"]


def test_every_section_says_what_the_run_holds(run):
    page = page_of(run)
    assert page.all("h1")[0]["text"] == page.all("title")[0]["text"] == "PolychromifyAB"
    verdict = [e["text"] for e in page.elements if e.get("class") == "verdict"]
    assert verdict == [metrics()["verdict"]]
    budget = page.words("budget")
    assert "324 training, 54 validation, 10,000 graded images of 64×64 pixels" in budget
    # Networks in the recipe's order; the lowest validation loss is the first epoch's.
    assert budget.index("b 1,084,737 2 of 2 0.04epoch 1 305 23 s") < budget.index("a 1,084,737")
    assert "train a1 h 02 min (CPU 1 h 50 min) grade4.2 s" in budget
    assert "train: 1 file " in page.words("skipped") and EVIL in page.words("skipped")
    setting = page.words("setting")
    assert "deterministic no" in setting and "CPU:0, CPU:1" in setting
    assert "git commit –" in setting


def test_optimizer_loss_and_settings_of_each_network_are_values(run):
    described = {
        "name": "a",
        "optimizer": "Adam, learning rate 0.0001",
        "loss": "1 x minimax loss, 100 x mean absolute error",
        "settings": {"beta_1": 0.5, "clip": None, "rates": [0.0001, 3e-05], "shared": True},
    }
    change(run / "recipe.json", networks=[described, {"name": "b", "loss": "mse"}])
    lines = [" ".join(dd["text"].split()) for dd in page_of(run).all("dd")]
    (shown,) = [line for line in lines if "minimax" in line]
    assert shown == (
        "name: a, optimizer: Adam, learning rate 0.0001, loss: 1 x minimax loss, "
        "100 x mean absolute error, settings: (beta_1: 0.5, clip: –, rates: 0.0001, 3e-05, "
        "shared: yes) name: b, loss: mse"
    )


def test_pictures_are_inside_and_are_the_right_ones(run):
    page = page_of(run)
    contents = [base64.b64decode(img["src"].partition("base64,")[2]) for img in page.all("img")]
    files = [
        run / "test_grid.png",
        run / "curves.png",
        run / "networks" / "b" / "filmstrip.png",
        run / "networks" / "a" / "pictures" / "epoch-010.png",
    ]
    assert contents == [file.read_bytes() for file in files]
    assert "a, after epoch 10" in page.words("epochs")
    assert all(img["alt"] for img in page.all("img"))


def test_nothing_is_fetched(run):
    html = write_report(run).read_text(encoding="utf-8")
    page = Page(html)
    assert {e["tag"] for e in page.elements}.isdisjoint(
        {"script", "link", "iframe", "object", "embed", "base", "form"}
    )
    for element in page.elements:
        assert not any(name.startswith("on") for name in element)
        for name in ("src", "srcset", "href", "data", "poster", "background", "action"):
            if name in element:
                assert element[name].startswith("data:image/png;base64,")
    style = "".join(element["text"] for element in page.all("style"))
    assert not re.search(r"url\(|@import", style)
    policies = [m["content"] for m in page.all("meta") if "http-equiv" in m]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_hostile_names_stay_text(run):
    hostile = metrics(label=EVIL) | {"verdict": EVIL}
    hostile["metrics"]["psnr"] |= {"label": EVIL, "meaning": EVIL}
    (run / "metrics.json").write_text(json.dumps(hostile))
    change(run / "recipe.json", title=EVIL, reproduce=EVIL, **{EVIL: EVIL})
    change(run / "environment.json", processor=EVIL, items={EVIL: [EVIL]})
    before = len(page_of(run).all("img"))
    page = page_of(run)
    assert page.all("script") == [] and before == 4
    assert page.all("h1")[0]["text"] == EVIL
    for section in ("results", "skipped", "setting"):
        assert EVIL in page.words(section)


@pytest.mark.parametrize(
    ("missing", "sections"),
    [
        ("metrics.json", {"results", "skipped"}),
        ("test_grid.png", {"grid"}),
        ("networks", {"curves", "epochs"}),
        ("recipe.json", set()),
        ("environment.json", set()),
        ("timings.json", set()),
    ],
)
def test_missing_parts_are_left_out(run, missing, sections):
    everything = {"results", "grid", "curves", "epochs", "budget", "skipped", "setting"}
    assert page_of(run).ids.keys() == everything
    (run / "curves.png").unlink()
    (run / missing).rename(run.parent / missing)
    assert page_of(run).ids.keys() == everything - sections


def test_an_empty_folder_still_gives_a_page(tmp_path):
    page = page_of(tmp_path)
    assert page.all("h1")[0]["text"] == tmp_path.name and page.ids == {}


def test_skipped_files_are_counted_in_full_and_listed_in_part(run):
    content = metrics()
    files = [{"name": f"{i}.jpg", "reason": "truncated"} for i in range(1234)]
    content["images"]["skipped"] = {"train": files}
    (run / "metrics.json").write_text(json.dumps(content))
    page = page_of(run)
    assert "train: 1,234 files" in page.words("skipped")
    assert "and 734 more, listed in metrics.json" in page.words("skipped")
    assert len(page.all("li")) == 501


def test_a_failed_report_leaves_the_last_one(run):
    path = write_report(run)
    before = path.read_bytes()
    (run / "metrics.json").write_text("{")
    with pytest.raises(InputError, match=r"metrics\.json"):
        write_report(run)
    assert path.read_bytes() == before
    assert not list(run.glob(".writing-*"))
