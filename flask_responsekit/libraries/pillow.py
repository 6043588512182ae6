"""Pillow images in the formats of the web."""

from __future__ import annotations

import collections.abc as cabc
import importlib
import io
import typing as t

#: The modes that a format is written from as they are.
_TAKEN: t.Final[dict[str, frozenset[str]]] = {
    "PNG": frozenset({"1", "L", "LA", "I;16", "P", "RGB", "RGBA"}),
    "JPEG": frozenset({"L", "RGB", "CMYK", "YCbCr"}),
    "WEBP": frozenset({"RGB", "RGBA"}),
    "AVIF": frozenset({"RGB", "RGBA"}),
}
#: The mode that comes next to a mode, without loss wherever there is one. It is RGB for
#: all others.
_NEXT: t.Final = {
    "1": "L",
    "F": "L",
    "I": "I;16",
    # Pillow goes from one grey of 16 bits to the other by way of 8 bits.
    "I;16B": "I",
    "I;16L": "I",
    "I;16N": "I",
    "LA": "RGBA",
    "La": "LA",
    "PA": "RGBA",
    "RGBa": "RGBA",
}
#: The color space that a profile is for (ICC.1, section 7.2.6), if it is not RGB.
_SPACES: t.Final = {
    "1": b"GRAY",
    "L": b"GRAY",
    "LA": b"GRAY",
    "I;16": b"GRAY",
    "CMYK": b"CMYK",
}
#: How a picture is turned for each EXIF orientation.
_TURNS: t.Final = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_ORIENTATION: t.Final = 0x0112


def write_png(image: t.Any) -> bytes:
    """Write the current frame of an image as PNG, without loss if its mode is 1, L, LA,
    P, RGB or RGBA, or if it is a grey of 16 bits.

    Nothing of what the image says about itself is sent, such as the place where it was
    taken, but its ICC profile. It is turned as its EXIF orientation says.

    :param image: a :class:`PIL.Image.Image`. Mode I is taken as a grey of 16 bits, F as
        one of 8 bits, as Pillow takes them.
    :raises ValueError: if it cannot be read or written.
    """
    return _write(image, "PNG")


def write_jpeg(image: t.Any) -> bytes:
    """Write the current frame of an image as JPEG, on white where it is transparent,
    and otherwise as :func:`write_png` does.
    """
    return _write(image, "JPEG")


def write_webp(image: t.Any) -> bytes:
    """Write the current frame of an image as lossy WebP, and otherwise as
    :func:`write_png` does.
    """
    return _write(image, "WEBP")


def write_avif(image: t.Any) -> bytes:
    """Write the current frame of an image as AVIF, and otherwise as :func:`write_png`
    does.
    """
    return _write(image, "AVIF")


def list_representations() -> list[tuple[str, cabc.Callable[[t.Any], bytes]]]:
    """The media types that this build of Pillow can write, each with its function."""
    pil: t.Any = importlib.import_module("PIL.Image")
    # Formats are registered by plugins, of which opening a file loads but a few.
    pil.init()
    writers: list[tuple[str, str, cabc.Callable[[t.Any], bytes]]] = [
        ("PNG", "image/png", write_png),
        ("JPEG", "image/jpeg", write_jpeg),
        ("WEBP", "image/webp", write_webp),
        ("AVIF", "image/avif", write_avif),
    ]
    return [(mimetype, write) for name, mimetype, write in writers if name in pil.SAVE]


def _write(image: t.Any, format: str) -> bytes:
    picture = _copy(image)
    profile = picture.info.get("icc_profile") or b""
    picture = _turn(picture)
    # Pillow would write some of it by itself, such as the comment of a JPEG.
    key = picture.info.get("transparency")
    picture.info = {} if key is None else {"transparency": key}
    buffer = io.BytesIO()
    try:
        picture = _convert(picture, format)
        fits = profile[16:20] == _SPACES.get(picture.mode, b"RGB ")
        picture.save(buffer, format, **({"icc_profile": profile} if fits else {}))
    except Exception as error:
        raise ValueError(
            f"The {_describe(image)} cannot be written as {format}"
            f" ({type(error).__name__}: {error}). Look whether it has a size that the"
            " format can have, or return it in another format."
        ) from error
    return buffer.getvalue()


def _copy(image: t.Any) -> t.Any:
    """Load an image, and copy it, so that all that follows leaves it as it is."""
    try:
        return image.copy()
    # Each format has errors of its own: OSError, SyntaxError, struct.error, ...
    except Exception as error:
        raise ValueError(
            f"The {_describe(image)} cannot be read ({type(error).__name__}: {error})."
            " Look whether its file is whole, and call image.load() before the file is"
            " closed."
        ) from error


def _describe(image: t.Any) -> str:
    width, height = image.size
    return f"{type(image).__qualname__} of {width} x {height} pixels in {image.mode}"


def _turn(picture: t.Any) -> t.Any:
    """Turn a picture the way it is to be shown, since its EXIF is not sent."""
    try:
        # Of the copy: Pillow turns TIFF itself, while the file goes on saying so.
        orientation = picture.getexif().get(_ORIENTATION)
    except Exception:
        # Broken metadata is no reason not to show a picture.
        return picture
    if orientation not in _TURNS:
        return picture
    pil: t.Any = importlib.import_module("PIL.Image")
    return picture.transpose(getattr(pil.Transpose, _TURNS[orientation]))


def _convert(picture: t.Any, format: str) -> t.Any:
    """Go to the next mode until there is one that the format takes."""
    is_keyed = "transparency" in picture.info and picture.mode in {"1", "L", "P", "RGB"}
    if is_keyed and format != "PNG":
        picture = picture.convert("RGBA")
    while picture.mode not in _TAKEN[format]:
        picture = _simplify(picture, format)
    return picture


def _simplify(picture: t.Any, format: str) -> t.Any:
    if format == "JPEG" and picture.mode in {"LA", "RGBA"}:
        return _flatten(picture)
    if picture.mode == "I;16":
        return _narrow(picture)
    if picture.mode == "P":
        return picture.convert("RGBA" if picture.palette.mode == "RGBA" else "RGB")
    return picture.convert(_NEXT.get(picture.mode, "RGB"))


def _flatten(picture: t.Any) -> t.Any:
    pil: t.Any = importlib.import_module("PIL.Image")
    opaque = picture.mode[:-1]
    ground = pil.new(opaque, picture.size, "white")
    ground.paste(picture.convert(opaque), mask=picture.getchannel("A"))
    return ground


def _narrow(picture: t.Any) -> t.Any:
    """Make 8 bits of 16. Pillow itself makes white of all that is above 255."""
    narrow = picture.convert("I").point(lambda value: value * (1 / 257) + 0.5)
    # A transparent grey would be one of 16 bits.
    narrow.info = {}
    return narrow.convert("L")
