"""Open files as the bodies of responses."""

from __future__ import annotations

import io
import mimetypes
import os
import typing as t

from werkzeug.utils import get_content_type
from werkzeug.wsgi import FileWrapper

from .sniffing import sniff_content_type

#: How much is read and sent at a time, in bytes.
_CHUNK_SIZE = 65536
#: What sniffing looks at, in bytes from the beginning and from the end.
_HEAD, _TAIL = 1445, 16


class FileBody(FileWrapper):
    """What is left in a file, in chunks; closes the file when it is closed.

    :raises ValueError: if the file is closed.
    :raises io.UnsupportedOperation: if the file is not open for reading.
    """

    def __init__(self, file: t.IO[t.Any]) -> None:
        super().__init__(file, _CHUNK_SIZE)
        if file.closed:
            raise ValueError(
                f"The file {file!r} is closed, so it cannot be sent. Return it open;"
                " it is closed when it has been sent."
            )
        if not file.readable():
            file.close()
            raise io.UnsupportedOperation(
                f"The file {file!r} is not open for reading, so it cannot be sent."
            )
        # A temporary file is a wrapper around the real one.
        self._is_text = isinstance(getattr(file, "file", file), io.TextIOBase)

    @property
    def length(self) -> int | None:
        """How many bytes are left, if that is known."""
        if self._is_text or not self.file.seekable():
            return None
        position = self.file.tell()
        end = self.file.seek(0, os.SEEK_END)
        self.file.seek(position)
        return max(end - position, 0)

    @property
    def named_type(self) -> str | None:
        """The content type that the file's name says."""
        name = getattr(self.file, "name", None)
        if not isinstance(name, (str, os.PathLike)):
            return None
        mimetype, encoding = mimetypes.guess_type(os.path.basename(name))
        if mimetype is None or encoding is not None:
            # Compressed: what it is compressed from is not what is sent.
            return None
        return get_content_type(mimetype, "utf-8")

    def sniffed_type(self, *, default: str, strict: bool) -> str | None:
        """The content type that the content says, if it says one."""
        if not self.file.seekable():
            return None
        return sniff_content_type(self._window(), default=default, strict=strict)

    def _window(self) -> t.Any:
        """The beginning and the end of what is left."""
        position = self.file.tell()
        window = self.file.read(_HEAD)
        length = self.length
        if length is not None and length > 0:
            self.file.seek(max(self.file.tell(), position + _HEAD + length - _TAIL))
            window += self.file.read(_TAIL)
        self.file.seek(position)
        return window
