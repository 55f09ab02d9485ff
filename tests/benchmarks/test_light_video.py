"""The page of the benchmark of films with a light network."""

from pathlib import Path

from benchmarks import light_video

ROOT = Path(__file__).parents[2]


def test_the_page_shows_the_figures_that_are_kept(tmp_path):
    record = ROOT / "benchmarks" / "results" / "light_video.json"
    page, copy = ROOT / "docs" / "video.md", tmp_path / "video.md"
    copy.write_text(page.read_text())
    assert light_video.main(["--json", str(record), "--page", str(copy)]) == 0
    assert copy.read_text() == page.read_text()
