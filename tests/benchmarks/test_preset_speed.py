"""The presets' benchmark, on pictures of few pixels."""

import json

from benchmarks import preset_speed


def test_a_preset_is_timed_on_both_sizes(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(preset_speed, "SIZE", (40, 30))
    monkeypatch.setattr(preset_speed, "LARGE", (80, 60))
    out = tmp_path / "speed.json"
    assert preset_speed.main(["--presets", "photo", "--repeats", "2", "--json", str(out)]) == 0
    record = json.loads(out.read_text())
    found = record["presets"]["photo"]
    assert len(found["seconds"]) == len(found["large_seconds"]) == 2
    speed = found["speed"]
    assert speed["runtime"] == "ONNX Runtime" and speed["image"] == "40x30"
    assert speed["machine"].startswith(f"{record['environment']['cores']} cores of a")
    assert "12 megapixels, s" in capsys.readouterr().out


def test_an_unknown_preset_is_one_line(capsys):
    assert preset_speed.main(["--presets", "photo,none"]) == 1
    assert "no preset is named 'none'; there are photo, tiny" in capsys.readouterr().err
