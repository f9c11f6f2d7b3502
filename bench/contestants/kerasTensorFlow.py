"""Keras on TensorFlow in the training question (see ../contestant.ts), as fast as it gets on a CPU: fit() of a compiled graph from a tf.data pipeline, which has the other cores to itself even where one thread computes."""
import json, os, sys, time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
import tensorflow as tf

task = json.loads(sys.argv[1])
tf.config.threading.set_intra_op_parallelism_threads(task["threads"])
tf.config.threading.set_inter_op_parallelism_threads(task["threads"])
import keras
from keras import layers

keras.utils.set_random_seed(0)
SIZE = task["batchSize"]


def conv(filters, **options):
    return layers.Conv2D(filters, 3, activation="relu", **options)


def plain(name):
    if name == "reference":
        body = [conv(32), layers.MaxPooling2D(2), conv(64), layers.MaxPooling2D(2), layers.Flatten(), layers.Dense(128, activation="relu")]
    elif name == "classic":
        body = [conv(32), conv(64), layers.MaxPooling2D(2), layers.Dropout(0.25), layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dropout(0.5)]
    else:
        same = {"padding": "same"}
        body = [conv(32, **same), conv(32, strides=2, **same), conv(64, **same), conv(64, strides=2, **same), layers.Flatten()]
    return keras.Sequential([keras.Input(task["shape"]), *body, layers.Dense(10, activation="softmax")])


def convolve(x, filters, size, strides=1):
    x = layers.Conv2D(filters, size, strides, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


def resnet20():
    inputs = keras.Input(task["shape"])
    x = layers.ReLU()(convolve(inputs, 16, 3))
    for stage, filters in enumerate([16, 32, 64]):
        for block in range(3):
            strides = 2 if block == 0 and stage > 0 else 1
            y = convolve(layers.ReLU()(convolve(x, filters, 3, strides)), filters, 3)
            skip = x if strides == 1 else convolve(x, filters, 1, strides)
            x = layers.ReLU()(layers.Add()([y, skip]))
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


def mobilenet():
    """MobileNetV2, width 0.35. Rows: expansion, channels, blocks, stride of the first."""
    relu6 = lambda x: layers.ReLU(6)(x)
    inputs = keras.Input(task["shape"])
    x = relu6(convolve(inputs, 16, 3, 2))
    for expansion, filters, blocks, first in [(1, 8, 1, 1), (6, 8, 2, 2), (6, 16, 3, 2), (6, 24, 4, 2), (6, 32, 3, 1), (6, 56, 3, 2), (6, 112, 1, 1)]:
        for block in range(blocks):
            strides = first if block == 0 else 1
            y = x if expansion == 1 else relu6(convolve(x, x.shape[-1] * expansion, 1))
            y = layers.DepthwiseConv2D(3, strides, padding="same", use_bias=False)(y)
            y = relu6(layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(y))
            y = convolve(y, filters, 1)
            x = layers.Add()([x, y]) if strides == 1 and x.shape[-1] == filters else y
    x = layers.GlobalAveragePooling2D()(relu6(convolve(x, 1280, 1)))
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


model = {"resnet20": resnet20, "mobileNetV2": mobilenet}.get(task["network"], lambda: plain(task["network"]))()
model.compile(optimizer="adam", loss="categorical_crossentropy", jit_compile=False)
x = np.fromfile(task["images"], np.uint8).reshape(-1, *task["shape"]).astype(np.float32) / 255
y = np.eye(10, dtype=np.float32)[np.fromfile(task["labels"], np.uint8)]
# Slices of whole batches: put together from single images they would take the pipeline most of a core.
data = tf.data.Dataset.from_tensor_slices((x.reshape(-1, SIZE, *x.shape[1:]), y.reshape(-1, SIZE, 10))).repeat().prefetch(4)


def fit(steps):
    began = time.perf_counter()
    history = model.fit(data, epochs=1, steps_per_epoch=steps, shuffle=False, verbose=0).history
    return {"samplesPerSecond": steps * SIZE / (time.perf_counter() - began), "loss": history["loss"][0]}


def round():
    """A callback that watches the clock would slow each step down, so the steps are counted out beforehand."""
    global rate
    answer = fit(max(1, int(rate * task["seconds"] / SIZE)))
    rate = answer["samplesPerSecond"]
    return answer


def say(answer):
    print(json.dumps(answer), flush=True)


say({"loss": fit(1)["loss"]})
# The first round counts for nothing, so that a short one will do.
fit(3)
rate = fit(5)["samplesPerSecond"]
for _ in sys.stdin:
    say(round())
