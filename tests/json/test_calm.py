"""What msgspec writes by itself is what the kit says, in any process."""

from __future__ import annotations

import importlib.util
import json
import pathlib
import subprocess
import sys

import attrs
import pytest

SCRIPT = pathlib.Path(__file__).with_name("calm.py")


def load_script():
    spec = importlib.util.spec_from_file_location("responsekit_calm", SCRIPT)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


calm = load_script()


@attrs.define(slots=False)
class Open:
    """What msgspec would write amiss, so that from now on it is not trusted."""

    a: int = 1


@pytest.fixture(scope="module")
def differences():
    command = [sys.executable, "-W", "error", str(SCRIPT)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(result.stdout)


@pytest.mark.parametrize("name", [*calm.CASES, *calm.MADE])
def test_value_is_written_as_the_kit_says_in_a_calm_process(name, differences):
    assert (differences[name] != {}) is (name in calm.DIFFERENT)


@pytest.mark.parametrize("name", [*calm.CASES, *calm.MADE])
def test_value_is_written_as_the_kit_says_where_a_class_is_written_amiss(name):
    assert calm.find_differences(name) == {}
