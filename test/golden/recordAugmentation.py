"""What Keras' augmentation layers make of an image, where a range of one value leaves nothing to chance: writes kerasAugmentation.json.

python3 -m venv venv && venv/bin/pip install keras jax
KERAS_BACKEND=jax JAX_ENABLE_X64=1 venv/bin/python test/golden/recordAugmentation.py

On JAX, as there all fill modes go by the pixel; TensorFlow's 'wrap' jumps between the last column and the first.
"""
import json
import math
import pathlib

import keras
import numpy as np

SHAPES = [[7, 9, 1], [6, 5, 3]]
MODES = [("constant", 0.25), ("nearest", 0), ("reflect", 0), ("wrap", 0)]
CASES = [
    ("RandomRotation", {"factor": [0.07, 0.07]}),
    ("RandomRotation", {"factor": [-0.21, -0.21]}),
    ("RandomTranslation", {"heightFactor": [0.13, 0.13], "widthFactor": [-0.37, -0.37]}),
    ("RandomZoom", {"heightFactor": [0.4, 0.4], "widthFactor": [-0.3, -0.3]}),
    ("RandomZoom", {"heightFactor": [0.7, 0.7]}),
]


def array(shape):
    """Multiples of 1/32 in ±1, as kerasConvolutions.py makes them."""
    return np.array([((i * 37) % 65 - 32) / 32 for i in range(int(np.prod(shape)))], np.float64).reshape(shape)


def snake(name):
    return "".join("_" + c.lower() if c.isupper() else c for c in name)


record = []
keras.backend.set_floatx("float64")
for shape in SHAPES:
    x = array([1, *shape])
    for interpolation in ["bilinear", "nearest"]:
        for fill_mode, fill_value in MODES:
            sampling = {"interpolation": interpolation, "fillMode": fill_mode, "fillValue": fill_value}
            for class_name, config in CASES:
                full = {**config, **sampling}
                layer = getattr(keras.layers, class_name)(**{snake(k): tuple(v) if isinstance(v, list) else v for k, v in full.items()})
                y = np.asarray(layer(x, training=True))
                record.append({"className": class_name, "config": full, "shape": shape, "y": [float(np.float32(v)) for v in y.ravel()]})
            # Keras shears about the corner, and this about the middle: the same matrix behind a shift.
            sx, (height, width, _) = 0.3, shape
            matrix = np.array([[1, sx, -sx * (height - 1) / 2, 0, 1, 0, 0, 0]])
            y = np.asarray(keras.ops.image.affine_transform(x, matrix, interpolation=interpolation, fill_mode=fill_mode, fill_value=fill_value))
            record.append({"className": "shear", "config": {"shear": sx, **sampling}, "shape": shape, "y": [float(np.float32(v)) for v in y.ravel()]})

path = pathlib.Path(__file__).with_name("kerasAugmentation.json")
path.write_text("[\n" + ",\n".join(json.dumps(each) for each in record) + "\n]\n")
