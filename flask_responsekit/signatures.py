"""The signatures of binary formats, as one table."""

from __future__ import annotations

import collections.abc as cabc
import typing as t

PDF = "application/pdf"
UTF16_LE = "text/plain; charset=utf-16le"
UTF16_BE = "text/plain; charset=utf-16be"


class Signature(t.NamedTuple):
    """One row of the table of binary formats."""

    mimetype: str
    #: What the body begins with.
    magic: bytes
    #: Where one of the marks stands, counted from the beginning.
    offset: int = 0
    marks: tuple[bytes, ...] = (b"",)
    #: What else must be true of the prefix.
    test: cabc.Callable[[bytes], bool] | None = None

    def matches(self, head: bytes) -> bool:
        return (
            head.startswith(self.magic)
            and head.startswith(self.marks, self.offset)
            and (self.test is None or self.test(head))
        )


def _is_icon(head: bytes) -> bool:
    # 1 to 255 images and a reserved zero: a TGA image may begin like an icon.
    return head[4:5] > b"\0" and head[5:6] == b"\0" and head[9:10] == b"\0"


def _is_webm(head: bytes) -> bool:
    return b"webm" in head[:64]


def _is_mp3(head: bytes) -> bool:
    length = _frame_length(head[:4])
    return length > 0 and _frame_length(head[length : length + 4]) > 0


_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
#: Version bits -> length at 1 kbit/s and 1 Hz, kbit/s by index, Hz by index.
_MPEG = {
    3: (144_000, _KBITS_1, (44_100, 48_000, 32_000)),
    2: (72_000, _KBITS_2, (22_050, 24_000, 16_000)),
    0: (72_000, _KBITS_2, (11_025, 12_000, 8_000)),
}


def _frame_length(header: bytes) -> int:
    """Return the bytes in an MPEG Layer III frame, or 0 if this begins none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, kbits, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    # Reserved values, and the free bit rate, which leaves the length open.
    if version not in _MPEG or kbits in (0, 15) or rate == 3:
        return 0
    unit, all_kbits, rates = _MPEG[version]
    return unit * all_kbits[kbits] // rates[rate] + (header[2] >> 1 & 1)


#: The sizes of the second header of a bitmap, which differ by version.
_BMP_HEADERS = tuple(n.to_bytes(4, "little") for n in (12, 40, 52, 56, 64, 108, 124))
#: A level, then the magic number of a block or of the end of an empty stream.
_BZIP2_BLOCKS = tuple(
    b"%d%b" % (level, block)
    for level in range(1, 10)
    for block in (b"1AY&SY", b"\x17rE8P\x90")
)
_OGG_AUDIO = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex")
_OGG_VIDEO = (b"\x80theora", b"fishead", b"\x01video")
_FLAVOURS = (b"\0\1\0\0", b"OTTO", b"true", b"ttcf")

#: Of the rows with the same first byte, the first that matches is the answer.
SIGNATURES = (
    Signature("image/png", b"\x89PNG\r\n\x1a\n"),
    Signature("image/jpeg", b"\xff\xd8\xff"),
    Signature("image/gif", b"GIF8", 4, (b"7a", b"9a")),
    Signature("image/webp", b"RIFF", 8, (b"WEBP",)),
    Signature("audio/wav", b"RIFF", 8, (b"WAVE",)),
    Signature("video/x-msvideo", b"RIFF", 8, (b"AVI ",)),
    Signature("image/bmp", b"BM", 14, _BMP_HEADERS),
    Signature("image/x-icon", b"\0\0", 2, (b"\1\0", b"\2\0"), _is_icon),
    Signature("image/avif", b"\0", 4, (b"ftypavif", b"ftypavis")),
    Signature("image/heic", b"\0", 4, (b"ftypheic", b"ftypheix")),
    Signature("image/heif", b"\0", 4, (b"ftypmif1", b"ftypmsf1")),
    Signature("audio/mp4", b"\0", 4, (b"ftypM4A ", b"ftypM4B ")),
    Signature("video/quicktime", b"\0", 4, (b"ftypqt  ",)),
    Signature("video/3gpp", b"\0", 4, (b"ftyp3g",)),
    Signature("video/mp4", b"\0", 4, (b"ftyp",)),
    Signature("image/tiff", b"II*\0"),
    Signature("image/tiff", b"MM\0*"),
    Signature("image/jxl", b"\0\0\0\x0cJXL \r\n\x87\n"),
    Signature("image/jp2", b"\0\0\0\x0cjP  \r\n\x87\n"),
    Signature(PDF, b"%PDF-"),
    Signature("application/zip", b"PK", 2, (b"\3\4", b"\5\6")),
    Signature("application/gzip", b"\x1f\x8b\x08"),
    Signature("application/zstd", b"\x28\xb5\x2f\xfd"),
    Signature("application/x-xz", b"\xfd7zXZ\0"),
    Signature("application/x-7z-compressed", b"7z\xbc\xaf\x27\x1c"),
    Signature("application/vnd.rar", b"Rar!\x1a\7"),
    Signature("application/x-bzip2", b"BZh", 3, _BZIP2_BLOCKS),
    Signature("application/wasm", b"\0asm"),
    Signature("font/ttf", b"\0\1\0\0"),
    Signature("font/otf", b"OTTO\0"),
    Signature("font/collection", b"ttcf\0"),
    Signature("font/woff", b"wOFF", 4, _FLAVOURS),
    Signature("font/woff2", b"wOF2", 4, _FLAVOURS),
    # The UTF-16 byte order mark FF FE has the sync bits of an MPEG frame, too.
    Signature(UTF16_LE, b"\xff\xfe"),
    Signature(UTF16_BE, b"\xfe\xff"),
    Signature("audio/mpeg", b"ID3", 3, (b"\2\0", b"\3\0", b"\4\0")),
    Signature("audio/mpeg", b"\xff", test=_is_mp3),
    Signature("audio/ogg", b"OggS\0", 28, _OGG_AUDIO),
    Signature("video/ogg", b"OggS\0", 28, _OGG_VIDEO),
    Signature("application/ogg", b"OggS\0"),
    Signature("audio/flac", b"fLaC", 4, (b"\x00", b"\x80")),
    Signature("audio/midi", b"MThd\0\0\0\6"),
    Signature("audio/aiff", b"FORM", 8, (b"AIF",)),
    Signature("video/webm", b"\x1aE\xdf\xa3", test=_is_webm),
    Signature("video/matroska", b"\x1aE\xdf\xa3"),
    Signature("application/vnd.sqlite3", b"SQLite format 3\0"),
    Signature("application/vnd.apache.parquet", b"PAR1"),
    Signature("application/vnd.apache.arrow.file", b"ARROW1\0\0"),
)

_BY_FIRST_BYTE: dict[bytes, list[Signature]] = {}
for _signature in SIGNATURES:
    _BY_FIRST_BYTE.setdefault(_signature.magic[:1], []).append(_signature)


def find_signature(head: bytes) -> str | None:
    """Return the type whose signature a body begins with.

    >>> find_signature(b"\\x89PNG\\r\\n\\x1a\\n")
    'image/png'

    :param head: the first 1,445 bytes of the body, or all if it has fewer.
    """
    for signature in _BY_FIRST_BYTE.get(head[:1], ()):
        if signature.matches(head):
            return signature.mimetype
    return None
