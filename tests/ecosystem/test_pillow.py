from __future__ import annotations

import io
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL import ImageCms
from PIL import ImageOps

from flask_responsekit.libraries.pillow import list_representations
from flask_responsekit.libraries.pillow import write_avif
from flask_responsekit.libraries.pillow import write_jpeg
from flask_responsekit.libraries.pillow import write_png
from flask_responsekit.libraries.pillow import write_webp

Image.init()
SIZE = (4, 3)
FORMATS = {
    "PNG": ("image/png", write_png),
    "JPEG": ("image/jpeg", write_jpeg),
    "WEBP": ("image/webp", write_webp),
    "AVIF": ("image/avif", write_avif),
}
#: AVIF comes with Pillow 11.3.
WRITTEN = [name for name in FORMATS if name in Image.SAVE]
WRITERS = [pytest.param(FORMATS[name][1], id=name) for name in WRITTEN]
#: A mode that leads to the mode, where RGBA does not.
VIA = {"La": "LA", "PA": "P", "LAB": "RGB", "I;16": "I", "I;16B": "I", "I;16L": "I"}
MODES = ["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK"]
MODES += ["YCbCr", "HSV", "LAB", "I", "F", "I;16", "I;16B", "I;16L"]
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
GPS, DESCRIPTION, ORIENTATION = 0x8825, 0x010E, 0x0112
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def paint(mode, size=SIZE):
    """A picture with something else in each corner, opaque where that is a choice."""
    picture = Image.new("RGB", size, RED)
    picture.putpixel((0, 0), GREEN)
    picture.putpixel((size[0] - 1, size[1] - 1), BLUE)
    picture = picture.convert("RGB" if mode == "P" else "RGBA")
    for step in [VIA[mode], mode] if mode in VIA else [mode]:
        picture = picture.convert(step)
    return picture


def grey(mode, *values):
    picture = Image.new("I" if mode.startswith("I") else mode, (len(values), 1))
    picture.putdata(values)
    return picture if picture.mode == mode else picture.convert(mode)


def profile_of(space):
    return SRGB[:16] + space + SRGB[20:]


def with_info(picture, **info):
    picture.info.update(info)
    return picture


def read(body):
    picture = Image.open(io.BytesIO(body))
    picture.load()
    return picture


def list_pixels(picture):
    # getdata is deprecated in Pillow 12.1.
    read_pixels = getattr(picture, "get_flattened_data", None) or picture.getdata
    return list(read_pixels())


def save(picture, format, **options):
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def make_exif(**tags):
    exif = Image.Exif()
    for name, value in tags.items():
        exif[globals()[name]] = value
    return exif


def is_near(pixel, other, distance=12):
    pixel, other = (p if isinstance(p, tuple) else (p,) for p in (pixel, other))
    return all(abs(a - b) <= distance for a, b in zip(pixel, other, strict=True))


# What is written


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", WRITTEN)
def test_each_mode_is_written_in_each_format(name, mode):
    picture = read(FORMATS[name][1](paint(mode)))
    assert (picture.format, picture.size) == (name, SIZE)


def test_mode_that_pillow_cannot_convert_is_refused_or_written():
    picture = Image.new("I;16N", SIZE)
    try:
        picture.convert("I")
    except ValueError:
        # Pillow before 9.5.
        with pytest.raises(ValueError, match=r"3 pixels in I;16N cannot be written"):
            write_png(picture)
    else:
        assert read(write_png(picture)).size == SIZE


@given(st.data(), st.sampled_from(["1", "L", "LA", "RGB", "RGBA", "I;16", "P"]))
def test_png_keeps_all_pixels(data, mode):
    size = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    length = len(Image.new(mode, size).tobytes())
    picture = Image.frombytes(
        mode, size, data.draw(st.binary(min_size=length, max_size=length))
    )
    if mode == "P":
        colors = data.draw(st.binary(min_size=768, max_size=768))
        picture.putpalette(colors)
    arrived = read(write_png(picture))
    # Greys of 16 bits are read as I before Pillow 10.3.
    same = {"I;16": "I", "P": "RGB"}.get(mode, mode)
    assert arrived.mode in {mode, same}
    assert arrived.convert(same).tobytes() == picture.convert(same).tobytes()


@pytest.mark.parametrize(
    ("mode", "other"),
    [
        ("CMYK", "RGB"),
        ("HSV", "RGB"),
        ("LAB", "RGB"),
        ("PA", "RGBA"),
        ("RGBX", "RGB"),
        ("RGBa", "RGBA"),
        ("YCbCr", "RGB"),
        ("La", "LA"),
    ],
)
def test_png_has_the_pixels_of_the_nearest_mode(mode, other):
    picture = paint(mode)
    arrived = read(write_png(picture))
    assert arrived.mode == other
    assert arrived.tobytes() == picture.convert(other).tobytes()


@pytest.mark.parametrize("mode", ["I", "I;16", "I;16B", "I;16L"])
def test_png_keeps_greys_of_16_bits(mode):
    arrived = read(write_png(grey(mode, 0, 1, 255, 256, 40_000, 65_535)))
    assert list_pixels(arrived) == [0, 1, 255, 256, 40_000, 65_535]


def test_png_ends_greys_at_black_and_white():
    assert list_pixels(read(write_png(grey("I", -1, 70_000)))) == [0, 65_535]
    assert list_pixels(read(write_png(grey("F", -1.0, 7.0, 300.0)))) == [0, 7, 255]


@pytest.mark.parametrize("write", [w for w in WRITERS if w.id != "PNG"])
@pytest.mark.parametrize("mode", ["I", "I;16", "I;16B", "I;16L"])
@pytest.mark.parametrize("level", [0, 100, 255])
def test_greys_of_16_bits_are_as_light_in_8_bits(write, mode, level):
    picture = Image.new("I", (16, 16), level * 257).convert(mode)
    arrived = read(write(picture)).convert("L")
    assert is_near(arrived.getpixel((8, 8)), level, 3)


@pytest.mark.parametrize(
    ("mode", "other"),
    [("1", "L"), ("L", "L"), ("LA", "L"), ("F", "L"), ("I", "L"), ("RGB", "RGB")]
    + [("CMYK", "CMYK"), ("YCbCr", "RGB"), ("RGBA", "RGB"), ("P", "RGB")],
)
def test_jpeg_is_grey_or_colored_as_the_image_is(mode, other):
    assert read(write_jpeg(paint(mode))).mode == other


# Transparency


def make_transparent(mode):
    return Image.new("RGBA", SIZE, (0, 0, 0, 0)).convert(mode)


def make_palette_with_alpha():
    return make_transparent("RGBA").quantize(4)


TRANSPARENT = [
    pytest.param(lambda: make_transparent("RGBA"), id="RGBA"),
    pytest.param(lambda: make_transparent("RGBa"), id="RGBa"),
    pytest.param(lambda: make_transparent("LA"), id="LA"),
    pytest.param(lambda: make_transparent("LA").convert("La"), id="La"),
    pytest.param(
        lambda: with_info(Image.new("P", SIZE), transparency=0).convert("PA"), id="PA"
    ),
    pytest.param(lambda: with_info(Image.new("P", SIZE), transparency=0), id="P"),
    pytest.param(
        lambda: with_info(Image.new("P", SIZE), transparency=b"\0\xff"), id="P-bytes"
    ),
    pytest.param(make_palette_with_alpha, id="P-of-RGBA"),
    pytest.param(lambda: with_info(Image.new("1", SIZE), transparency=0), id="1"),
    pytest.param(lambda: with_info(Image.new("L", SIZE), transparency=0), id="L"),
    pytest.param(
        lambda: with_info(Image.new("RGB", SIZE), transparency=(0, 0, 0)), id="RGB"
    ),
]


@pytest.mark.parametrize("make", TRANSPARENT)
def test_jpeg_is_white_where_the_image_is_transparent(make):
    arrived = read(write_jpeg(make())).convert("RGB")
    assert is_near(arrived.getpixel((1, 1)), (255, 255, 255), 3)


@pytest.mark.parametrize("write", [w for w in WRITERS if w.id != "JPEG"])
@pytest.mark.parametrize("make", TRANSPARENT)
def test_other_formats_stay_transparent(write, make):
    arrived = read(write(make())).convert("RGBA")
    assert arrived.getpixel((1, 1))[3] == 0


@pytest.mark.parametrize(
    ("mode", "color"), [("RGBA", (0, 0, 0, 128)), ("LA", (0, 128))]
)
def test_jpeg_mixes_with_white_what_is_half_transparent(mode, color):
    arrived = read(write_jpeg(Image.new(mode, (16, 16), color))).convert("L")
    assert is_near(arrived.getpixel((8, 8)), 127, 3)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("mode", ["P", "L", "RGB", "CMYK"])
def test_opaque_image_gets_no_transparency(write, mode):
    arrived = read(write(paint(mode)))
    assert "A" not in arrived.getbands()
    assert "transparency" not in arrived.info


@pytest.mark.parametrize("write", WRITERS)
def test_transparent_grey_of_16_bits_does_not_hide_one_of_8_bits(write):
    picture = with_info(grey("I;16", 500, 500, 500), transparency=500)
    assert read(write(picture)).size == (3, 1)


# Metadata


@pytest.mark.parametrize(
    ("name", "mode", "space"),
    [
        pytest.param(name, mode, space, id=f"{name}-{mode}")
        for name, mode, space in [
            ("PNG", "RGB", b"RGB "),
            ("PNG", "RGBA", b"RGB "),
            ("PNG", "P", b"RGB "),
            ("PNG", "L", b"GRAY"),
            ("PNG", "I", b"GRAY"),
            ("JPEG", "RGB", b"RGB "),
            ("JPEG", "RGBA", b"RGB "),
            ("JPEG", "YCbCr", b"RGB "),
            ("JPEG", "LA", b"GRAY"),
            ("JPEG", "CMYK", b"CMYK"),
            ("WEBP", "RGB", b"RGB "),
            ("AVIF", "RGBA", b"RGB "),
        ]
        if name in WRITTEN
    ],
)
def test_profile_is_kept_where_it_fits(name, mode, space):
    picture = with_info(paint(mode), icc_profile=profile_of(space))
    arrived = read(FORMATS[name][1](picture))
    assert arrived.info["icc_profile"] == profile_of(space)


@pytest.mark.parametrize(
    ("write", "mode", "profile"),
    [
        pytest.param(write_png, "CMYK", profile_of(b"CMYK"), id="colors-converted"),
        pytest.param(write_png, "L", profile_of(b"RGB "), id="colors-for-grey"),
        pytest.param(write_webp, "L", profile_of(b"GRAY"), id="grey-for-colors"),
        pytest.param(write_png, "RGB", b"", id="empty"),
        pytest.param(write_png, "RGB", None, id="none"),
        pytest.param(write_png, "RGB", b"short", id="broken"),
    ],
)
def test_profile_of_other_colors_is_left_out(write, mode, profile):
    picture = with_info(paint(mode), icc_profile=profile)
    assert "icc_profile" not in read(write(picture)).info


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("is_copy", [False, True], ids=["opened", "copied"])
def test_place_and_notes_of_the_source_are_not_sent(write, source, is_copy):
    exif = make_exif(DESCRIPTION="secret", GPS={1: "N", 2: (48.0, 51.0, 30.0)})
    file = io.BytesIO(save(paint("RGB"), source, exif=exif.tobytes(), dpi=(72, 72)))
    image = Image.open(file)
    assert image.getexif()[DESCRIPTION] == "secret"
    assert image.getexif().get_ifd(GPS)[1] == "N"
    image.info.update(comment=b"secret", xmp=b"<secret/>", note="secret")
    image.info["XML:com.adobe.xmp"] = "<secret/>"
    body = write(image.copy() if is_copy else image)
    arrived = read(body)
    assert b"secret" not in body
    assert not dict(arrived.getexif())
    assert not {"exif", "xmp", "comment", "dpi", "note"} & {*arrived.info}


@pytest.mark.parametrize("orientation", range(10))
def test_image_is_turned_as_its_exif_says(orientation):
    exif = make_exif(ORIENTATION=orientation)
    image = read(save(paint("RGB"), "PNG", exif=exif))
    arrived = read(write_png(image))
    shown = ImageOps.exif_transpose(image)
    assert (arrived.size, list_pixels(arrived)) == (shown.size, list_pixels(shown))
    assert ORIENTATION not in arrived.getexif()
    # It was not turned by itself.
    assert image.size == SIZE


def test_image_that_was_turned_is_not_turned_again():
    exif = make_exif(ORIENTATION=6)
    shown = ImageOps.exif_transpose(read(save(paint("RGB"), "PNG", exif=exif)))
    assert list_pixels(read(write_png(shown))) == list_pixels(shown)


def test_tiff_is_turned_once():
    # Pillow turns it as it loads it.
    body = save(paint("RGB"), "TIFF", exif=make_exif(ORIENTATION=6))
    arrived, shown = read(write_png(Image.open(io.BytesIO(body)))), read(body)
    assert shown.size == SIZE[::-1]
    assert (arrived.size, list_pixels(arrived)) == (shown.size, list_pixels(shown))


@pytest.mark.parametrize("exif", [b"broken", b"Exif\0\0broken", b"Exif\0\0II*\0\x08\0"])
def test_broken_exif_is_no_reason_not_to_show_an_image(exif):
    picture = with_info(paint("RGB"), exif=exif)
    assert list_pixels(read(write_png(picture))) == list_pixels(picture)


# The image


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("mode", MODES)
def test_image_stays_as_it_was(write, mode):
    exif = make_exif(ORIENTATION=6).tobytes()
    picture = with_info(paint(mode), icc_profile=SRGB, exif=exif, note="mine")
    before = (picture.mode, picture.size, picture.tobytes(), dict(picture.info))
    write(picture)
    assert before == (picture.mode, picture.size, picture.tobytes(), picture.info)


@pytest.mark.parametrize("write", WRITERS)
def test_file_is_read_when_it_is_needed(write, tmp_path):
    path = tmp_path / "image.png"
    paint("RGB").save(path)
    with Image.open(path) as image:
        assert read(write(image)).size == SIZE


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("source", ["GIF", "TIFF", "PNG"])
def test_current_frame_is_sent(name, source):
    first, *others = (Image.new("RGB", (16, 16), c) for c in (RED, GREEN, BLUE))
    body = save(first, source, save_all=True, append_images=others)
    image = Image.open(io.BytesIO(body))
    for frame, color in enumerate((RED, GREEN, BLUE)):
        image.seek(frame)
        arrived = read(FORMATS[name][1](image))
        assert is_near(arrived.convert("RGB").getpixel((8, 8)), color)
        assert getattr(arrived, "n_frames", 1) == 1
        assert image.tell() == frame


@pytest.mark.parametrize("write", WRITERS)
def test_same_image_gives_the_same_bytes(write):
    assert write(paint("RGBA")) == write(paint("RGBA"))


# Errors


def open_closed(path):
    image = Image.open(path)
    image.close()
    return image


def open_and_leave(path):
    with Image.open(path) as image:
        return image


def open_closed_file(path):
    with path.open("rb") as file:
        return Image.open(file)


def open_half(path):
    body = path.read_bytes()
    return Image.open(io.BytesIO(body[: len(body) // 2]))


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    "open_image", [open_closed, open_and_leave, open_closed_file, open_half]
)
def test_file_that_cannot_be_read_is_an_error_that_says_so(write, open_image, tmp_path):
    path = tmp_path / "image.png"
    Image.effect_noise((64, 48), 50).save(path)
    message = (
        r"^The PngImageFile of 64 x 48 pixels in L cannot be read \(\w+: .*\)\. Look"
        r" .* call image\.load\(\) before"
    )
    with pytest.raises(ValueError, match=message) as caught:
        write(open_image(path))
    assert caught.value.__cause__ is not None
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        pytest.param(name, size, id=f"{name}-{id}")
        for name, size, id in [
            ("PNG", (0, 1), "empty"),
            ("JPEG", (1, 0), "empty"),
            ("WEBP", (0, 0), "empty"),
            ("AVIF", (0, 0), "empty"),
            ("JPEG", (65_536, 1), "too-wide"),
            ("WEBP", (16_384, 1), "too-wide"),
            ("AVIF", (65_537, 1), "too-wide"),
        ]
        if name in WRITTEN
    ],
)
def test_size_that_a_format_cannot_have_is_an_error_that_says_so(name, size):
    message = rf"^The Image of {size[0]} x {size[1]} pixels in L cannot be written as"
    with pytest.raises(ValueError, match=message):
        FORMATS[name][1](Image.new("L", size))


@pytest.mark.parametrize("name", FORMATS)
def test_format_that_pillow_cannot_write_is_an_error_that_says_so(name, monkeypatch):
    # As in a build without its library, and in Pillow before 11.3 for AVIF.
    monkeypatch.delitem(Image.SAVE, name, raising=False)
    message = rf"^The Image of 4 x 3 pixels in RGB cannot be written as {name} \(Key"
    with pytest.raises(ValueError, match=message):
        FORMATS[name][1](paint("RGB"))


# Representations


def test_representations_are_those_that_pillow_can_write():
    assert list_representations() == [FORMATS[name] for name in WRITTEN]
    assert WRITTEN[:3] == ["PNG", "JPEG", "WEBP"]


def test_representations_leave_out_what_pillow_cannot_write(monkeypatch):
    monkeypatch.delitem(Image.SAVE, "WEBP")
    assert FORMATS["WEBP"] not in list_representations()


def test_representations_are_known_before_any_image_is_opened():
    code = (
        "from flask_responsekit.libraries.pillow import list_representations\n"
        "print(*(mimetype for mimetype, _ in list_representations()))"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    assert output.split() == [FORMATS[name][0] for name in WRITTEN]
