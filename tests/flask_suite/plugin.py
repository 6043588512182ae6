"""A pytest plugin: every Flask app made during the run gets a kit of its own."""

from __future__ import annotations

import functools

from flask import Flask

from flask_responsekit import ResponseKit

flask_init = Flask.__init__


@functools.wraps(flask_init)
def init_with_kit(app: Flask, *args: object, **kwargs: object) -> None:
    flask_init(app, *args, **kwargs)
    ResponseKit(app)


Flask.__init__ = init_with_kit
