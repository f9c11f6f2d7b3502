"""What Keras' layers make of an image where what they draw is given: each operation of RandAugment but those that move. Writes randAugment.json.

python3 -m venv venv && venv/bin/pip install keras jax
KERAS_BACKEND=jax JAX_ENABLE_X64=1 venv/bin/python test/golden/recordRandAugment.py

Values are bytes, as images have them, in three ranges. Keras rounds levels down: the fraction of one that is added keeps a byte's value that
was rounded itself from falling below its own.
"""
import json
import pathlib

import keras
import numpy as np

keras.backend.set_floatx("float64")
SHAPES = [[7, 9, 1], [6, 5, 3]]
RANGES = [[0, 1], [0, 255], [-1, 1]]


def images(shape, low, high):
    i = np.arange(int(np.prod(shape)), dtype=np.int64)
    return (low + (high - low) * ((i * i * 37 + i * 11) % 251) / 255).reshape([1, *shape])


def full(value):
    return np.full((1, 1, 1, 1), value)


def cases(low, high):
    span = high - low
    layers = keras.layers
    given = {"value_range": (low, high)}
    yield "brightness", [0.3 * span], layers.RandomBrightness(0.5, **given), {"rgb_delta": full(0.3 * span)}
    yield "brightness", [-0.2 * span], layers.RandomBrightness(0.5, **given), {"rgb_delta": full(-0.2 * span)}
    yield "contrast", [1.4], layers.RandomContrast(0.5, **given), {"contrast_factor": full(1.4)}
    yield "sharpness", [0.4], layers.RandomSharpness(0.5, **given), {"factor": np.array([0.2])}
    yield "sharpness", [1.8], layers.RandomSharpness(0.5, **given), {"factor": np.array([0.9])}
    yield "posterization", [3], layers.RandomPosterization(3, **given), {"shift_factor": np.array([5], np.uint8)}
    yield "solarization", [0.1 * span, low + 0.4 * span], layers.Solarization(0.5, 0.5, **given), {"additions": full(25.5), "thresholds": full(102)}
    yield "autoContrast", [], layers.AutoContrast(**given), None
    yield "equalization", [], layers.Equalization(**given), None
    yield "colorDegeneration", [0.35], layers.RandomColorDegeneration(0.5, **given), {"factor": full(0.35)}


record = []
for shape in SHAPES:
    for low, high in RANGES:
        x = images(shape, low, high)
        for name, values, layer, drawn in cases(low, high):
            given = x + (high - low) / 255 / 1024 if name in ("posterization", "equalization") else x
            y = np.asarray(layer.transform_images(keras.ops.convert_to_tensor(given), drawn))
            record.append({"operation": name, "values": values, "shape": shape, "range": [low, high], "y": [float(np.float32(v)) for v in y.ravel()]})

path = pathlib.Path(__file__).with_name("randAugment.json")
path.write_text("[\n" + ",\n".join(json.dumps(each) for each in record) + "\n]\n")
