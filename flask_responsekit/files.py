"""Open files as the bodies of responses."""

from __future__ import annotations

import io
import mimetypes
import os
import typing as t

from werkzeug.utils import get_content_type
from werkzeug.wsgi import FileWrapper

from .sniffing import HEAD
from .sniffing import sniff_content_type
from .sniffing import TAIL

#: How much is read and sent at a time, in bytes.
_CHUNK_SIZE = 65536


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
            raise io.UnsupportedOperation(
                f"The file {file!r} is not open for reading, so it cannot be sent."
            )
        # A temporary file is a wrapper around the real one.
        inner = getattr(file, "file", getattr(file, "_file", file))
        self._is_text = isinstance(inner, io.TextIOBase)
        self._position = self._find_position()
        #: How many bytes are left, if that is known.
        self.length = self._find_length()

    def _find_position(self) -> int | None:
        """Where to come back to; ``None`` if there is no way back."""
        if not self.file.seekable():
            return None
        try:
            return self.file.tell()
        except OSError:
            if not self._is_text:
                raise
            # Lines of it are being read.
            return None

    def _find_length(self) -> int | None:
        if self._is_text or self._position is None:
            return None
        end = self.file.seek(0, os.SEEK_END)
        self.file.seek(self._position)
        return max(end - self._position, 0)

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
        if mimetype.endswith("xml") and not self._is_text:
            # The document may declare a charset of its own.
            return mimetype
        return get_content_type(mimetype, "utf-8")

    def sniffed_type(self, *, default: str, strict: bool) -> str | None:
        """The content type that the content says, if it says one."""
        if self._position is None:
            return None
        window = self._read(HEAD)
        if self.length is not None and self.length > len(window):
            last = self._position + self.length
            self.file.seek(max(last - TAIL, self._position + len(window)))
            window += self._read(TAIL)
        self.file.seek(self._position)
        return sniff_content_type(window, default=default, strict=strict)

    def _read(self, size: int) -> t.Any:
        """Read in as many steps as the file takes."""
        data: t.Any = self.file.read(size)
        while len(data) < size and (more := self.file.read(size - len(data))):
            data += more
        return data
