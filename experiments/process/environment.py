"""The environment of a run, for reproducing its figures."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

import keras

from polychrome.training.devices import describe

_PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "jax", "numpy", "scikit-image", "scipy")


def environment() -> dict[str, object]:
    """Versions, machine, devices, and commit of the code, as JSON values."""
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        **versions,
        "backend": keras.backend.backend(),
        "dtype_policy": keras.config.dtype_policy().name,
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "devices": describe(),
        "git_commit": _commit(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _commit() -> str:
    """The commit of this checkout, marked if files differ from it; "unknown" without a checkout."""

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        ).stdout.strip()

    try:
        changed = " with local changes" if git("status", "--porcelain") else ""
        return git("rev-parse", "HEAD") + changed
    except (OSError, subprocess.SubprocessError):
        return "unknown"
