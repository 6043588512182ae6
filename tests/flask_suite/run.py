"""Run Flask's own tests, without the kit and with it on every app, and compare.

Not every test of Flask passes with every release of what Flask builds on, so the
rule is: what passes without the kit passes with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent


def fetch_flask(directory: Path) -> Path:
    """Unpack the source distribution of the installed Flask; its tests are in it."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    requirement = f"flask=={version('flask')}"
    command = [*pip, "--no-binary=flask", "--dest", str(directory), requirement]
    subprocess.run(command, check=True)
    [archive] = directory.glob("*.tar.gz")
    shutil.unpack_archive(archive, directory)
    return directory / archive.name.removesuffix(".tar.gz")


def run_tests(source: Path, report: Path, *options: str) -> tuple[set[str], str]:
    """Return the ids of the tests that passed, and what pytest printed."""
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", *options]
    result = subprocess.run(
        [*command, f"--rootdir={source}", f"--junitxml={report}", "tests"],
        cwd=source,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode not in (0, 1):  # 1: some tests failed
        sys.exit(result.stdout)
    cases = ET.parse(report).iter("testcase")
    # A testcase element has children only if the test did not pass.
    passed = {f"{c.get('classname')}::{c.get('name')}" for c in cases if not len(c)}
    return passed, result.stdout.strip()


def main(directory: Path) -> None:
    source = fetch_flask(directory)
    without_kit, output = run_tests(source, directory / "without.xml")
    print("Without the kit:", output.splitlines()[-1])
    with_kit, output = run_tests(source, directory / "with.xml", "-p", "plugin")
    print("With the kit:   ", output.splitlines()[-1])
    if lost := sorted(without_kit - with_kit):
        print(output, "These pass without the kit, but not with it:", *lost, sep="\n")
        sys.exit(1)
    print(f"Flask {version('flask')}: what passes without the kit passes with it.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
