"""Records models of Keras, as files and with what they predict: python test/formats/keras/record.py > test/formats/keras/keras3.json;
with names behind it those cases alone.

Needs a Python with Keras 3 and any backend, or with TensorFlow 2.12 to 2.15 (keras2.json, of 2.12), whose tf.keras is Keras 2.
"""

import base64
import json
import os
import sys
import tempfile
import zlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
# TensorFlow fuses a convolution, a sum and a LeakyReLU into one that has forgotten its slope.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
import numpy as np

if "--tf" in sys.argv:
    sys.argv.remove("--tf")
    from tensorflow import keras
else:
    import keras

layers = keras.layers
is3 = keras.__version__.startswith("3")
keras.utils.set_random_seed(1)


def numbers(shape, seed):
    """The inputs: test/formats/keras/keras.test.ts makes the same."""
    count = int(np.prod(shape))
    return (((np.arange(count) * 37 + seed * 11) % 101 - 50) / 40).astype("float32").reshape(shape)


def spread(model):
    """Weights that are all different, statistics that are not those of the beginning."""
    for k, weight in enumerate(model.weights):
        shape = tuple(weight.shape)
        values = numbers(shape, k + 3) / max(1.0, np.sqrt(np.prod(shape[:-1])) / 2)
        name = weight.path if is3 else weight.name
        if "variance" in name or "gamma" in name:
            values = np.abs(values) + 0.5
        weight.assign(values)


def chain():
    model = keras.Sequential(
        [
            keras.Input((8, 7, 3)),
            layers.Conv2D(4, (3, 2), strides=2, padding="same", use_bias=False, name="first"),
            layers.BatchNormalization(epsilon=1e-2, momentum=0.9),
            layers.ReLU(6.0),
            layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2, activation="tanh"),
            layers.SeparableConv2D(5, 2, activation="relu"),
            layers.AveragePooling2D(2, strides=1, padding="same"),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ],
        name="chain",
    )
    spread(model)
    optimizer = keras.optimizers.Adam(0.01)
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    x = [numbers((4, 8, 7, 3), 1)]
    y = np.eye(3, dtype="float32")[[0, 2, 1, 1]]
    if not is3:
        # As what is recorded of Keras 3: at its beginning.
        return model, x
    model.fit(x[0], y, epochs=3, batch_size=4, shuffle=False, verbose=0)
    return model, x


def base():
    x = image = keras.Input((6, 6, 2), name="image")
    x = layers.Conv2D(3, 3, padding="same", name="conv")(x)
    x = layers.BatchNormalization(name="norm", scale=False)(x)
    x = layers.Activation("hard_sigmoid", name="gate")(x)
    return keras.Model(image, x, name="base")


def graph():
    """A frozen nested model, a shared layer, two inputs and two outputs."""
    image = keras.Input((6, 6, 2), name="a")
    vector = keras.Input((5,), name="b")
    inner = base()
    shared = layers.Conv2D(2, 1, name="shared")
    x = shared(inner(image, training=False))
    pad = layers.ZeroPadding2D(((1, 0), (2, 1)))(x)
    y = layers.Conv2D(2, 3, strides=2, name="down")(pad)
    z = shared(layers.UpSampling2D(2)(inner(image, training=False)))
    z = layers.GlobalAveragePooling2D()(z)
    merged = layers.Add()([layers.Conv2D(2, 1, name="side")(x), x])
    merged = layers.LeakyReLU(name="leaky")(merged)
    flat = layers.Flatten()(merged)
    one = layers.Dense(4, activation="elu", name="one")(layers.Concatenate()([flat, z]))
    two = layers.Dense(4, activation="sigmoid", name="two")(vector)
    joined = layers.Multiply()([one, two])
    first = layers.Dense(3, activation="softmax", name="first")(joined)
    second = layers.Dense(1, name="second")(layers.Flatten()(y))
    model = keras.Model([image, vector], [first, second], name="graph")
    spread(model)
    inner.trainable = False
    model.compile("sgd", ["categorical_crossentropy", "mse"], loss_weights=[1.0, 0.5])
    return model, [numbers((3, 6, 6, 2), 2), numbers((3, 5), 4)]


def preprocessing():
    normalization = layers.Normalization(name="normalization")
    normalization.adapt(np.abs(numbers((9, 5, 4, 3), 6)))
    model = keras.Sequential(
        [
            keras.Input((5, 4, 3)),
            layers.RandomFlip("horizontal"),
            layers.Rescaling(2.0, offset=-0.5),
            normalization,
            layers.Conv2DTranspose(2, 3, strides=2, padding="same", name="up"),
            layers.PReLU(shared_axes=[1, 2]),
            layers.LayerNormalization(),
            layers.Conv2D(4, 3, dilation_rate=2, groups=2, activation="gelu" if is3 else "relu"),
            layers.GlobalMaxPooling2D(),
            layers.Dense(2, activation="leaky_relu" if is3 else "swish"),
        ],
        name="preprocessing",
    )
    for layer in model.layers:
        if layer is not normalization:
            layer.set_weights([numbers(weight.shape, 5) / 2 + 0.1 for weight in layer.get_weights()])
    return model, [np.abs(numbers((2, 5, 4, 3), 7))]


def shared():
    """A layer that two of its models have: the archive holds it once, and Keras 3.15 does not load it."""
    vector = keras.Input((3,), name="vector")
    dense = layers.Dense(3, activation="tanh", name="shared")
    inner = keras.Sequential([keras.Input((3,)), dense, layers.ReLU()], name="inner")
    model = keras.Model(vector, layers.Add()([inner(vector), dense(vector)]), name="shared")
    spread(model)
    return model, [numbers((2, 3), 8)]


def record(make):
    model, inputs = make()
    folder = tempfile.mkdtemp()
    files = {}
    for ending in ["keras", "h5"]:
        path = os.path.join(folder, "model." + ending)
        if ending == "keras" and not is3:
            model.save(path, save_format="keras_v3")
        else:
            model.save(path)
        with open(path, "rb") as file:
            files[ending] = base64.b64encode(zlib.compress(file.read(), 9)).decode()
    outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    return {
        **files,
        "inputs": [list(x.shape) for x in inputs],
        "outputs": [np.asarray(y).astype(float).ravel().round(7).tolist() for y in outputs],
    }


makers = [chain, graph, preprocessing, *([shared] if is3 else [])]
cases = {make.__name__: record(make) for make in makers if make.__name__ in (sys.argv[1:] or [make.__name__])}
json.dump({"version": keras.__version__, **cases}, sys.stdout, separators=(",", ":"))
print()
