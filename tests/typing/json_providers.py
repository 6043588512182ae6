"""Not run, but checked: wrong code is marked, so that a lost check is an error."""

from __future__ import annotations

import io
import typing as t

from flask import Flask
from flask import Response
from typing_extensions import assert_type

from flask_responsekit.json import MsgspecJSONProvider

app = Flask(__name__)
provider = MsgspecJSONProvider(app)
app.json = provider
app.json_provider_class = MsgspecJSONProvider

MsgspecJSONProvider()  # type: ignore[call-arg]
MsgspecJSONProvider("app")  # type: ignore[arg-type]

provider.sort_keys = True
provider.compact = False
provider.mimetype = "application/vnd.acme+json"
provider.sort_keys = "yes"  # type: ignore[assignment]
provider.compact = 1  # type: ignore[assignment]
provider.mimetype = None  # type: ignore[assignment]

assert_type(provider.dumps([1], indent=2), str)
assert_type(provider.loads("[1]"), t.Any)
assert_type(provider.loads(b"[1]", parse_float=str), t.Any)
assert_type(provider.response([1]), Response)
assert_type(provider.response(id=1), Response)
provider.dump([1], io.StringIO())
assert_type(provider.load(io.StringIO("[1]")), t.Any)
provider.loads([1])  # type: ignore[arg-type]
provider.dumps()  # type: ignore[call-arg]
provider.dump([1])  # type: ignore[call-arg]


class OwnProvider(MsgspecJSONProvider):
    sort_keys = True
    compact = None


app.json = OwnProvider(app)
