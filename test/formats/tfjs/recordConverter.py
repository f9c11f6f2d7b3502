"""Records what tensorflowjs_converter makes of models of Keras, and what these predict:
python test/formats/tfjs/recordConverter.py > test/formats/tfjs/converted.json

Needs a Python with Keras 3 and tensorflowjs 4.22. Of an .h5 of Keras 3 the converter itself says that it needs Keras 2.
"""

import base64
import json
import os
import sys
import tempfile
import zlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
import numpy as np
import keras
from tensorflowjs import quantization
from tensorflowjs.converters import converter

layers = keras.layers


def numbers(shape, seed):
    """The inputs: test/formats/tfjs/recorded.test.ts makes the same."""
    count = int(np.prod(shape))
    return (((np.arange(count) * 37 + seed * 11) % 101 - 50) / 40).astype("float32").reshape(shape)


def spread(model):
    """Weights that are all different, statistics that are not those of the beginning."""
    for k, weight in enumerate(model.weights):
        shape = tuple(weight.shape)
        values = numbers(shape, k + 3) / max(1.0, np.sqrt(np.prod(shape[:-1])) / 2)
        if any(part in weight.path for part in ["variance", "gamma"]):
            values = np.abs(values) + 0.5
        if "count" in weight.path or "seed" in weight.path:
            continue
        weight.assign(values)


def chain():
    model = keras.Sequential(
        [
            keras.Input((7, 6, 3)),
            layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(epsilon=1e-2),
            layers.ReLU(6.0),
            layers.DepthwiseConv2D(3, padding="same", activation="hard_sigmoid"),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ],
        name="chain",
    )
    spread(model)
    return model


def graph():
    """A sum, a nested model, a layer that is called twice, and an operation of Keras 3 that was no layer."""
    image = keras.Input((7, 6, 3), name="image")
    inner = keras.Sequential(
        [keras.Input((7, 6, 3)), layers.SeparableConv2D(3, 3, padding="same"), layers.LeakyReLU(negative_slope=0.2)],
        name="inner",
    )
    shared = layers.Conv2D(3, 1, name="shared")
    x = layers.Add()([inner(image), shared(image)])
    x = shared(x) * 0.5
    x = layers.Concatenate()([layers.MaxPooling2D(2)(x), layers.AveragePooling2D(2)(x)])
    x = layers.Flatten()(layers.Dropout(0.5)(x))
    model = keras.Model(image, layers.Dense(2, name="logits")(x), name="graph")
    spread(model)
    return model


def record(make, quantized=None):
    model = make()
    folder = tempfile.mkdtemp()
    path, out = os.path.join(folder, "model.keras"), os.path.join(folder, "out")
    model.save(path)
    converter.dispatch_keras_keras_to_tfjs_layers_model_conversion(
        path, out, quantization_dtype_map=quantized and {quantized: True}, weight_shard_size_bytes=1000
    )
    files = {}
    for name in sorted(os.listdir(out)):
        with open(os.path.join(out, name), "rb") as file:
            files[name] = base64.b64encode(zlib.compress(file.read(), 9)).decode()
    if quantized:
        # What the numbers in the file are.
        for weight in model.weights:
            if "seed" not in weight.path:
                stored, how = quantization.quantize_weights(np.asarray(weight), np.dtype(quantized))
                weight.assign(quantization.dequantize_weights(stored, how, np.dtype("float32")))
    x = numbers((2, 7, 6, 3), 1)
    return {"files": files, "outputs": np.asarray(model.predict(x, verbose=0)).astype(float).ravel().round(7).tolist()}


cases = {
    "chain": record(chain),
    "graph": record(graph),
    "chain, uint8": record(chain, "uint8"),
    "graph, float16": record(graph, "float16"),
}
versions = {"keras": keras.__version__, "tensorflowjs": "4.22.0"}
json.dump({"versions": versions, "cases": cases}, sys.stdout, separators=(",", ":"))
print()
