#!/usr/bin/python3
"""Records normalizedNetwork.json, residualNetwork.json and mobileNetwork.json beside this file: what Keras 3 computes from the inputs of inputs.py.

Run it with a Python that has keras, tensorflow (tensorflow-cpu) and numpy; README.md says what is recorded.
"""
import hashlib
import json
import math
import os
import platform
import re
import sys

os.environ.update(KERAS_BACKEND='tensorflow', TF_CPP_MIN_LOG_LEVEL='3', CUDA_VISIBLE_DEVICES='')
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

sys.dont_write_bytecode = True  # no __pycache__ in the tree
from inputs import make_label, make_noise, make_weights  # noqa: E402

layers = keras.layers
CLASSES, BATCH, STEPS = 4, 17, 20


def normalized_network():
    """Batch and layer normalization in a chain."""
    return keras.Sequential([
        layers.Input((6, 7, 3)),
        layers.Conv2D(8, 3, padding='same', use_bias=False, name='conv1'), layers.BatchNormalization(name='norm1'), layers.ReLU(),
        layers.Conv2D(12, 3, strides=2, padding='same', name='conv2'), layers.BatchNormalization(momentum=0.8, name='norm2'), layers.ReLU(),
        layers.MaxPooling2D(2), layers.BatchNormalization(scale=False, epsilon=1e-2, name='norm3'),
        layers.Activation('tanh'), layers.Flatten(), layers.Dense(6, use_bias=False, name='dense1'),
        layers.BatchNormalization(center=False, name='norm4'), layers.Activation('tanh'),
        layers.LayerNormalization(name='norm5'), layers.Dense(CLASSES, name='dense2'),
    ])


def convolve(x, name, filters, kernel_size, strides=1, center=True):
    """A convolution and its batch normalization, with Keras' defaults."""
    x = layers.Conv2D(filters, kernel_size, strides=strides, padding='same', use_bias=False, name=f'{name}_conv')(x)
    return layers.BatchNormalization(center=center, name=f'{name}_norm')(x)


def residual_network():
    """Two basic blocks of a ResNet: one with the skip as it is, one of stride 2 whose skip is projected by a 1 x 1 convolution."""
    image = layers.Input((8, 9, 3))
    x = layers.ReLU()(convolve(image, 'stem', 4, 3))
    for name, filters, strides in (('a', 4, 1), ('b', 8, 2)):
        inner = layers.ReLU()(convolve(x, f'{name}1', filters, 3, strides=strides))
        inner = convolve(inner, f'{name}2', filters, 3)
        skip = x if strides == 1 else convolve(x, f'{name}_skip', filters, 1, strides=strides)
        x = layers.ReLU()(layers.Add()([inner, skip]))
    return keras.Model(image, layers.Dense(CLASSES, name='head')(layers.GlobalAveragePooling2D()(x)))


def mobile_network():
    """Two inverted residual blocks of MobileNetV2: one of stride 1 with a skip, one of stride 2 without. Images are odd by even pixels."""
    def relu6(x):
        return layers.ReLU(max_value=6)(x)

    image = layers.Input((9, 8, 3))
    x = relu6(convolve(image, 'stem', 4, 3))
    for name, filters, strides in (('a', 4, 1), ('b', 6, 2)):
        inner = relu6(convolve(x, f'{name}_expand', 16, 1))
        inner = layers.DepthwiseConv2D(3, strides=strides, padding='same', use_bias=False, name=f'{name}_depthwise_conv')(inner)
        inner = relu6(layers.BatchNormalization(name=f'{name}_depthwise_norm')(inner))
        # The next normalization takes a beta away again: nothing but rounding would move it.
        inner = convolve(inner, f'{name}_project', filters, 1, center=name == 'b')
        x = layers.Add()([x, inner]) if strides == 1 else inner
    return keras.Model(image, layers.Dense(CLASSES, name='head')(layers.GlobalAveragePooling2D()(x)))


# Name: network, seed, examples, and what gammas are around. Batches of 17, 17 and the rest in turn; gammas of 3 send some values past 6.
NETWORKS = {
    'normalizedNetwork': (normalized_network, 3, 37, 1),
    'residualNetwork': (residual_network, 4, 35, 1),  # the last batch has one example
    'mobileNetwork': (mobile_network, 5, 37, 3),
}


def initial_weights(model, seed, gamma):
    """As make_weights makes them, in the order of the layers; gammas are `gamma` more, variances 1."""
    tensors = [(f'{layer.name}.{w.name}', w) for layer in model.layers for w in layer.weights]
    values = make_weights(seed, [tuple(w.shape) for _, w in tensors])
    for i, (name, _) in enumerate(tensors):
        if name.endswith(('gamma', 'moving_variance')):
            values[i] = np.float32(gamma if name.endswith('gamma') else 1) + values[i]
    return tensors, values


def rounded(values, digits=12):
    """What cancels but for rounding is 0: the gradient of a bias in front of batch normalization."""
    return [float(f'{value:.{digits}g}') if abs(value) >= 1e-15 else 0.0 for value in np.asarray(values).reshape(-1)]


def train(make_model, seed, examples, gamma, precision):
    """What is recorded of a network, and the inputs that it was computed from."""
    keras.config.set_floatx(precision)
    keras.config.set_dtype_policy(precision)
    model = make_model()
    shape = model.input_shape[1:]
    tensors, initial = initial_weights(model, seed, gamma)
    for (_, variable), value in zip(tensors, initial):
        variable.assign(value)
    names, trainable = zip(*((name, w) for name, w in tensors if w.trainable))
    images = np.stack([make_noise(seed, e, shape) for e in range(examples)])
    labels = np.array([make_label(seed, e, CLASSES) for e in range(examples)], np.uint8)
    x, targets = (images / 255).astype(precision), keras.ops.one_hot(labels, CLASSES, dtype=precision)
    loss_of = keras.losses.CategoricalCrossentropy(from_logits=True)
    m, v = [np.zeros(w.shape) for w in trainable], [np.zeros(w.shape) for w in trainable]

    def infer():
        return [rounded(row) for row in tf.nn.softmax(model(x[:4], training=False)).numpy()]

    def statistics():
        return {name: rounded(w.numpy()) for name, w in tensors if '.moving_' in name}

    record = {'probabilities': infer(), 'losses': []}
    for step in range(STEPS):
        start = step % 3 * BATCH
        part = slice(start, min(start + BATCH, examples))
        with tf.GradientTape() as tape:
            loss = loss_of(targets[part], model(x[part], training=True))
        gradients = tape.gradient(loss, [w.value for w in trainable])
        record['losses'].append(float(loss))
        if step == 0:
            record['gradients'] = {name: rounded(g) for name, g in zip(names, gradients)}
            record['statisticsAfterStep1'] = statistics()
        # Adam as Keras writes it, with its defaults; Keras' own takes 0.9 and 0.999 through float32, which shows in the sixth digit.
        alpha = 1e-3 * math.sqrt(1 - 0.999 ** (step + 1)) / (1 - 0.9 ** (step + 1))
        for i, (w, g) in enumerate(zip(trainable, gradients)):
            m[i] = 0.9 * m[i] + (1 - 0.9) * g.numpy()
            v[i] = 0.999 * v[i] + (1 - 0.999) * g.numpy() ** 2
            w.assign(w.numpy() - alpha * m[i] / (np.sqrt(v[i]) + 1e-7))
    record['weightsAfterStep20'] = {name: rounded(w.numpy()) for name, w in zip(names, trainable)}
    record['statisticsAfterStep20'] = statistics()
    record['probabilitiesAfterStep20'] = infer()

    def sha256(arrays):
        return hashlib.sha256(b''.join(a.tobytes() for a in arrays)).hexdigest()

    return record, {
        'seed': seed, 'shape': list(shape), 'examples': examples, 'batch': BATCH, 'steps': STEPS, 'gamma': gamma,
        'sha256': {'weights': sha256(initial), 'images': sha256([images]), 'labels': sha256([labels])},
        'tensors': [{'name': name, 'shape': list(w.shape)} for name, w in tensors],
    }


def worst_distance(actual, expected):
    """The worst difference as part of a tensor's largest element, as distance() in golden.ts."""
    if isinstance(expected, dict):
        actual, expected = ([record[name] for name in expected] for record in (actual, expected))
    return max(
        np.abs(np.subtract(a, e)).max() / np.abs(e).max() for a, e in zip(actual, expected, strict=True) if np.abs(e).max() > 0
    )


def record_network(file_name, *network):
    record, inputs = train(*network, 'float64')
    # Not recorded, but printed: what float32 is off by, beside the limits in golden.ts.
    single, _ = train(*network, 'float32')
    losses = max(abs(a / e - 1) for a, e in zip(single['losses'], record['losses']))
    print(f'{file_name}, float32 is off by: losses {losses:.1e}', *(
        f'{part} {worst_distance(single[part], record[part]):.1e}' for part in record if part != 'losses'), sep=', ')
    contents = {
        'madeWith': {
            'python': platform.python_version(), 'keras': keras.__version__, 'tensorflow': tf.__version__, 'numpy': np.__version__,
        },
        **inputs,
        'float64': record,
    }
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f'{file_name}.json')
    with open(path, 'w') as file:
        # One line for an array of numbers.
        text = re.sub(r'\[[^][{}]*\]', lambda found: ' '.join(found[0].split()), json.dumps(contents, indent=1))
        file.write(text + '\n')
    print(f'{file_name}.json: {os.path.getsize(path)} bytes')


if __name__ == '__main__':
    for file_name, network in NETWORKS.items():
        record_network(file_name, *network)
