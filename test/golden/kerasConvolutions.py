"""What Keras makes of convolutions with strides, paddings, dilation and groups, in TensorFlow: writes kerasConvolutions.json.

python3 -m venv venv && venv/bin/pip install tensorflow-cpu
venv/bin/python test/golden/kerasConvolutions.py
"""
import json
import pathlib

import keras
import numpy as np

CASES = [
    ("Conv2D", [7, 6, 4], {"filters": 6, "kernelSize": [3, 3], "padding": "same", "groups": 2}),
    ("Conv2D", [7, 6, 2], {"filters": 3, "kernelSize": [3, 2], "dilationRate": [2, 3], "padding": "same"}),
    ("Conv2D", [9, 8, 2], {"filters": 3, "kernelSize": [2, 3], "dilationRate": [3, 2]}),
    ("Conv2D", [5, 6, 3], {"filters": 6, "kernelSize": [2, 2], "groups": 3, "strides": [2, 1]}),
    ("DepthwiseConv2D", [6, 7, 3], {"kernelSize": [3, 3], "strides": [2, 2], "padding": "same"}),
    ("DepthwiseConv2D", [7, 9, 5], {"kernelSize": [5, 5], "padding": "same", "depthMultiplier": 2}),
    ("DepthwiseConv2D", [8, 7, 2], {"kernelSize": [3, 2], "dilationRate": [2, 2], "depthMultiplier": 3}),
    ("SeparableConv2D", [6, 8, 3], {"filters": 5, "kernelSize": [3, 3], "strides": [2, 2], "padding": "same", "depthMultiplier": 2}),
    ("Conv2DTranspose", [3, 4, 2], {"filters": 3, "kernelSize": [3, 3], "strides": [2, 2], "padding": "same"}),
    ("Conv2DTranspose", [3, 4, 2], {"filters": 3, "kernelSize": [4, 2], "strides": [2, 2], "padding": "same"}),
    ("Conv2DTranspose", [3, 4, 2], {"filters": 3, "kernelSize": [2, 4], "strides": [3, 1]}),
    ("Conv2DTranspose", [3, 2, 2], {"filters": 3, "kernelSize": [1, 2], "strides": [2, 3]}),
    ("Conv2DTranspose", [2, 3, 2], {"filters": 3, "kernelSize": [4, 3], "strides": [3, 2], "outputPadding": [2, 0]}),
    ("Conv2DTranspose", [2, 3, 2], {"filters": 3, "kernelSize": [3, 4], "strides": [2, 2], "outputPadding": [0, 1], "padding": "same"}),
    ("Conv2DTranspose", [2, 3, 2], {"filters": 2, "kernelSize": [3, 3], "strides": [2, 3], "outputPadding": [1, 2], "padding": "same"}),
    ("Conv2DTranspose", [3, 3, 2], {"filters": 2, "kernelSize": [5, 5], "strides": [1, 1], "padding": "same"}),
]


def values(count, seed):
    """Multiples of 1/32 in ±1: exact in every format, as kerasConvolutions.test.ts makes them."""
    return [((i * 37 + seed * 11) % 65 - 32) / 32 for i in range(count)]


def array(shape, seed):
    return np.array(values(int(np.prod(shape)), seed), np.float64).reshape(shape)


def snake(name):
    return "".join("_" + c.lower() if c.isupper() else c for c in name)


record = []
keras.backend.set_floatx("float64")
for class_name, shape, config in CASES:
    layer = getattr(keras.layers, class_name)(**{snake(k): tuple(v) if isinstance(v, list) else v for k, v in config.items()})
    x = array([1, *shape], 0)
    layer.build(x.shape)
    layer.set_weights([array(w.shape, 1 + i) for i, w in enumerate(layer.get_weights())])
    y = np.asarray(layer(x))
    record.append(
        {
            "className": class_name,
            "inputShape": shape,
            "config": config,
            "weightShapes": [list(w.shape) for w in layer.get_weights()],
            "outputShape": list(y.shape[1:]),
            "y": [float(value) for value in y.ravel()],
        }
    )

lines = ",\n".join("  " + json.dumps(each) for each in record)
pathlib.Path(__file__).with_name("kerasConvolutions.json").write_text(f"[\n{lines}\n]\n")
print(f"Keras {keras.__version__}: {len(record)} layers")
