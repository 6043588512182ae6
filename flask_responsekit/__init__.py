"""Return anything from a Flask view; the client gets the right HTTP response."""

from .exceptions import ConversionLoopError as ConversionLoopError
from .exceptions import ConverterNotFoundError as ConverterNotFoundError
from .exceptions import ResponseKitError as ResponseKitError
from .extension import ResponseKit as ResponseKit
from .plain import to_plain as to_plain
from .registry import ConverterRegistry as ConverterRegistry
from .response import KitResponse as KitResponse
from .sniffing import sniff as sniff
