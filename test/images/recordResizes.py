"""What Pillow makes of a picture in other sizes: resizes.json. As recordSamples.py, without ImageMagick."""

import base64
import json
import pathlib

import numpy
from PIL import Image

WIDTH, HEIGHT = 61, 47
index = numpy.arange(WIDTH * HEIGHT * 3)
# As pictureOf() in imageToInput.test.ts makes it.
SOURCE = (index * index // 29 + index * 7 & 255).astype(numpy.uint8).reshape(HEIGHT, WIDTH, 3)
SIZES = [(47, 61), (13, 17), (5, 61), (47, 7), (90, 100), (1, 1), (8, 9), (60, 20)]
FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "area": Image.Resampling.BOX,
}
resizes = []
for interpolation, resampling in FILTERS.items():
    for height, width in [(9, 4), (24, 16)] if interpolation == "area" else SIZES:
        # Pillow's box filter takes or leaves whole pixels: it is the area where they fit.
        source = SOURCE[:45, :60] if (height, width) == (9, 4) else SOURCE[:24, :48] if interpolation == "area" else SOURCE
        picture = Image.fromarray(numpy.ascontiguousarray(source)).resize((width, height), resampling)
        resizes.append(
            {
                "source": list(source.shape[:2]),
                "imageSize": [height, width],
                "interpolation": interpolation,
                "pixels": base64.b64encode(numpy.asarray(picture).tobytes()).decode(),
            }
        )
lines = ",\n".join(f"  {json.dumps(each)}" for each in resizes)
pathlib.Path(__file__).with_name("resizes.json").write_text("[\n" + lines + "\n]\n")
print(len(resizes), "resizes")
