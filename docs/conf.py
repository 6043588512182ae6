from __future__ import annotations

from importlib.metadata import version as distribution_version

project = "Flask-ResponseKit"
author = "Flask-ResponseKit contributors"
copyright = author
version = release = distribution_version("Flask-ResponseKit")

# Nothing here reads from the network, so the docs build anywhere.
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"

html_theme = "furo"
html_title = f"{project} {version}"
