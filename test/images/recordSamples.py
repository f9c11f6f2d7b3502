"""Small pictures of every kind, with the pixels that Pillow finds in them: samples.json.

    python3 -m venv venv && venv/bin/pip install pillow==13.0.0 numpy
    venv/bin/python test/images/recordSamples.py        (with ImageMagick's convert)

A sample is its file and its pixels [height, width, channels], both in base64, the EXIF orientation applied. Gray stays gray, what has
transparency is RGBA, all else RGB; of 16 bits the upper 8 are kept.
"""

import base64
import io
import json
import pathlib
import struct
import subprocess
import tempfile

import numpy
from PIL import Image, ImageOps

WIDTH, HEIGHT = 19, 13
random = numpy.random.default_rng(7)
rows, columns = numpy.mgrid[0:HEIGHT, 0:WIDTH]
# Smooth colors with a few sharp edges, so that chroma is subsampled and predicted.
RGB = numpy.stack([columns * 13, rows * 19, (columns * rows * 5) % 256], -1).astype(numpy.uint8)
RGB[3:7, 5:9] = [250, 20, 30]
RGB[8:12, 10:17] = random.integers(0, 256, (4, 7, 3))
ALPHA = (255 - (rows * 20 + columns * 3) % 256).astype(numpy.uint8)
ALPHA[:2] = 0
rgb = Image.fromarray(RGB)
rgba = Image.fromarray(numpy.dstack([RGB, ALPHA]))
gray = rgb.convert("L")
palette = rgb.quantize(16)
samples = {}


def exif(orientation):
    tags = Image.Exif()
    tags[0x010F] = "a camera"
    tags[0x0112] = orientation
    return tags.tobytes()


def expected(data):
    picture = Image.open(io.BytesIO(data))
    turned = ImageOps.exif_transpose(picture)
    if turned.mode == "I;16":
        array = (numpy.asarray(turned) >> 8).astype(numpy.uint8)
    elif turned.mode in ("1", "L") and picture.format not in ("GIF", "BMP") and "transparency" not in turned.info:
        array = numpy.asarray(turned.convert("L"))
    else:
        clear = turned.mode in ("LA", "PA", "RGBA", "La") or "transparency" in turned.info
        array = numpy.asarray(turned.convert("RGBA" if clear else "RGB"))
    array = array.reshape(array.shape[0], array.shape[1], -1)
    return array


def add(sample, data, array=None):
    array = expected(data) if array is None else array
    height, width, channels = array.shape
    samples[sample] = {
        "file": base64.b64encode(data).decode(),
        "width": width,
        "height": height,
        "channels": channels,
        "pixels": base64.b64encode(array.tobytes()).decode(),
    }


def save(sample, picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    add(sample, buffer.getvalue())


def convert(sample, picture, *options, pixels=None):
    with tempfile.TemporaryDirectory() as folder:
        source = f"{folder}/in.png"
        picture.save(source)
        target = f"{folder}/out." + sample.split(" ")[0]
        *arguments, out = [option.replace("OUT", target) for option in options]
        subprocess.run(["convert", source, *arguments, out], check=True)
        add(sample, pathlib.Path(target).read_bytes(), pixels)


for subsampling, label in enumerate(["4:4:4", "4:2:2", "4:2:0"]):
    save(f"jpeg {label}", rgb, "JPEG", quality=85, subsampling=subsampling)
    save(f"jpeg {label} progressive", rgb, "JPEG", quality=60, subsampling=subsampling, progressive=True)
save("jpeg gray", gray, "JPEG", quality=85)
save("jpeg gray progressive", gray, "JPEG", quality=85, progressive=True)
save("jpeg RGB components", rgb, "JPEG", quality=85, keep_rgb=True)
save("jpeg restart markers", rgb, "JPEG", quality=85, restart_marker_blocks=1)
convert("jpeg 4:4:0", rgb, "-sampling-factor", "1x2,1x1,1x1", "OUT")
convert("jpeg 4:1:1", rgb, "-sampling-factor", "4x1,1x1,1x1", "OUT")
for orientation in range(1, 9):
    save(f"jpeg orientation {orientation}", rgb, "JPEG", quality=85, exif=exif(orientation))
save("webp orientation 6", rgb, "WEBP", quality=80, exif=exif(6))
save("png orientation 8", rgb, "PNG", exif=exif(8))

save("webp lossy", rgb, "WEBP", quality=80)
save("webp lossy alpha", rgba, "WEBP", quality=80)
save("webp lossless", rgb, "WEBP", lossless=True)
save("webp lossless alpha", rgba, "WEBP", lossless=True, exact=True)

still = rgb.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
# The channels are the first frame's; Pillow's are the file's.
buffer = io.BytesIO()
rgb.save(buffer, "WEBP", save_all=True, append_images=[still], duration=100, lossless=True)
add("webp animated", buffer.getvalue(), RGB)
save("webp animated lossy alpha", rgba, "WEBP", save_all=True, append_images=[still.convert("RGBA")], duration=100, quality=80)
# An encoder leaves out a clear border: the frame is smaller than its canvas.
bordered = Image.new("RGBA", (31, 24), (0, 0, 0, 0))
bordered.paste(rgb, (6, 4))
buffer = io.BytesIO()
bordered.save(buffer, "WEBP", save_all=True, append_images=[still.convert("RGBA").resize((31, 24))], duration=100, lossless=True, minimize_size=True)
add("webp animated, first frame within its canvas", buffer.getvalue(), numpy.asarray(bordered))

for mode in ["1", "L", "LA"]:
    save(f"png {mode}", rgba.convert(mode) if mode == "LA" else gray.convert(mode), "PNG")
save("png RGB", rgb, "PNG")
save("png RGBA", rgba, "PNG")
save("png gray 16 bits", Image.fromarray(RGB[..., 0].astype(numpy.uint16) * 251 + 17), "PNG")
for colors in [2, 4, 16, 200]:
    save(f"png palette of {colors}", rgb.quantize(colors), "PNG", bits={2: 1, 4: 2, 16: 4, 200: 8}[colors])
save("png palette with a clear color", palette, "PNG", transparency=3)
save("png palette with opacities", palette, "PNG", transparency=bytes(range(0, 240, 15)))
save("png gray with a clear one", gray, "PNG", transparency=int(gray.getpixel((4, 4))))
save("png RGB with a clear color", rgb, "PNG", transparency=(250, 20, 30))
for label, picture, options in [
    ("RGB", rgb, []),
    ("RGBA", rgba, []),
    ("gray", gray, []),
    ("1 bit", gray.convert("1"), ["-define", "png:bit-depth=1", "-define", "png:color-type=0"]),
    ("palette", palette, ["-define", "png:color-type=3"]),
]:
    convert(f"png interlaced {label}", picture, "-interlace", "PNG", *options, "png:OUT")
convert("png RGB 16 bits", rgb, "-blur", "0x1", "-depth", "16", "-define", "png:bit-depth=16", "-define", "png:color-type=2", "OUT")
convert("png RGBA 16 bits interlaced", rgba, "-blur", "0x1", "-interlace", "PNG", "-define", "png:bit-depth=16", "-define", "png:color-type=6", "OUT")

save("gif", rgb.quantize(64), "GIF")
save("gif of 2 colors", gray.convert("1"), "GIF")
save("gif interlaced", rgb.quantize(64), "GIF", interlace=1)
save("gif with a clear color", rgb.quantize(8), "GIF", transparency=2)
save("gif animated", rgb.quantize(32), "GIF", save_all=True, append_images=[gray.quantize(32)], duration=100)
# What a frame does not cover is clear, as in browsers; Pillow fills it with a color.
canvas = Image.new("RGBA", (25, 20), (0, 0, 0, 0))
canvas.paste(rgb.quantize(32).convert("RGB"), (3, 4))
convert("gif first frame within its canvas", rgb.quantize(32), "-repage", "25x20+3+4", "gif:OUT", pixels=numpy.asarray(canvas))

for bits, picture in [(1, gray.convert("1")), (8, gray), (24, rgb), (32, rgba)]:
    save(f"bmp {bits} bits", picture, "BMP")
convert("bmp 4 bits", rgb.quantize(12), "-type", "palette", "bmp3:OUT")
convert("bmp 8 bits runs", rgb.quantize(40), "-type", "palette", "-compress", "RLE", "bmp3:OUT")
convert("bmp 32 bits with masks", rgba, "bmp:OUT")


def masked(label, masks, header):
    """16 bits by hand: neither writes them. Each sample is spread over 0 to 255 and rounded down, as Pillow does where it reads them."""
    pixels = numpy.zeros((HEIGHT, WIDTH), numpy.uint32)
    array = numpy.zeros((HEIGHT, WIDTH, 4 if masks[3] else 3), numpy.uint8)
    for channel in range(array.shape[2]):
        mask = masks[channel]
        shift, largest = (mask & -mask).bit_length() - 1, mask >> ((mask & -mask).bit_length() - 1)
        sample = numpy.asarray(rgba)[..., channel].astype(numpy.uint32) * largest // 255
        pixels |= sample << shift
        array[..., channel] = sample * 255 // largest
    rows16 = numpy.zeros((HEIGHT, WIDTH + WIDTH % 2), "<u2")
    rows16[:, :WIDTH] = pixels[::-1]
    compression = 0 if header == 40 else 3
    info = struct.pack("<IiiHHIIiiII", header, WIDTH, HEIGHT, 1, 16, compression, rows16.nbytes, 0, 0, 0, 0)
    info += struct.pack("<4I", *masks) if header > 40 else b""
    at = 14 + header
    data = b"BM" + struct.pack("<IHHI", at + rows16.nbytes, 0, 0, at) + info.ljust(header, b"\0") + rows16.tobytes()
    if not masks[3]:
        assert (expected(data) == array).all()
    add(f"bmp {label}", data, array)


masked("RGB555", (0x7C00, 0x3E0, 0x1F, 0), 40)
masked("RGB565", (0xF800, 0x7E0, 0x1F, 0), 56)
masked("ARGB4444", (0xF00, 0xF0, 0xF, 0xF000), 56)
convert("bmp OS/2", rgb, "bmp2:OUT")

lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(sample)}" for name, sample in samples.items())
pathlib.Path(__file__).with_name("samples.json").write_text("{\n" + lines + "\n}\n")
print(len(samples), "samples")
