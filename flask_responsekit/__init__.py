"""Return anything from a Flask view; the client gets the right HTTP response."""

from .event_stream import EventStream as EventStream
from .exceptions import ConversionLoopError as ConversionLoopError
from .exceptions import ConverterNotFoundError as ConverterNotFoundError
from .exceptions import ResponseKitError as ResponseKitError
from .extension import ResponseKit as ResponseKit
from .negotiation import negotiate as negotiate
from .negotiation import Offer as Offer
from .plain import to_plain as to_plain
from .problem import Problem as Problem
from .registry import ConverterRegistry as ConverterRegistry
from .renderers.csv import CSVRenderer as CSVRenderer
from .renderers.json import JSONRenderer as JSONRenderer
from .renderers.msgpack import MessagePackRenderer as MessagePackRenderer
from .renderers.ndjson import NDJSONRenderer as NDJSONRenderer
from .renderers.protocol import Renderer as Renderer
from .renderers.text import TextRenderer as TextRenderer
from .renderers.xml import XMLRenderer as XMLRenderer
from .renderers.yaml import YAMLRenderer as YAMLRenderer
from .response import KitResponse as KitResponse
from .scope import Scope as Scope
from .server_sent_event import ServerSentEvent as ServerSentEvent
from .sniffing import sniff as sniff
from .stream import Stream as Stream
