from __future__ import annotations

import sys
import types

import pytest

from flask_responsekit.requirement import require


def test_library_that_is_there_is_not_imported(monkeypatch, tmp_path):
    (tmp_path / "there_but_broken.py").write_text("raise ImportError\n")
    monkeypatch.syspath_prepend(tmp_path)
    require("there_but_broken", "extra", "What")
    assert "there_but_broken" not in sys.modules


@pytest.mark.parametrize("is_blocked", [True, False])
def test_missing_library_is_named_with_what_installs_it(is_blocked, monkeypatch):
    if is_blocked:
        monkeypatch.setitem(sys.modules, "not_there", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        require("not_there", "the-extra", "What I want")
    assert caught.value.name == "not_there"
    message = str(caught.value)
    assert message.startswith("What I want needs a library that is not")
    assert message.endswith("pip install 'Flask-ResponseKit[the-extra]'")


def test_library_that_is_loaded_is_there(monkeypatch):
    module = types.ModuleType("loaded")
    module.__spec__ = types.SimpleNamespace(name="loaded")
    monkeypatch.setitem(sys.modules, "loaded", module)
    require("loaded", "extra", "What")
