"""Licenses of what an installation brings along: none may bind our users to the GPL."""

import re
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement


def installed_with(name: str) -> dict[str, str]:
    """Distributions that one without extras needs, itself included, to what their licenses say."""
    found: dict[str, str] = {}
    waiting = [name]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            known = distribution(name)
        except PackageNotFoundError:  # of another platform, or one of several that serve
            continue
        said = known.metadata
        classifiers = [line for line in said.get_all("Classifier", []) if "License" in line]
        # A field "License" may hold the whole text, other people's licenses within it.
        field = (said.get("License") or "").strip().splitlines()[:1]
        found[name] = " ".join([said.get("License-Expression") or "", *classifiers, *field])
        for line in known.requires or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return found


def test_no_gpl_among_the_base_dependencies():
    licenses = installed_with("polychrome")
    assert {"tensorflow", "onnxruntime", "pillow", "tifffile"} <= licenses.keys()
    assert len(licenses) > 40
    bound = {name: text for name, text in licenses.items() if re.search(r"(?<![Ll])GPL", text)}
    assert bound == {}
