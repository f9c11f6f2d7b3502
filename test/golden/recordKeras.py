#!/usr/bin/python3
"""Records normalizedNetwork.json beside this file: what Keras 3 computes from the inputs of inputs.py.

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

keras.config.set_floatx('float64')

SEED, CLASSES, SHAPE = 3, 4, (6, 7, 3)
EXAMPLES, BATCH, STEPS = 37, 17, 20  # batches of 17, 17, 3, 17, 17, 3 …


def make_model():
    layers = keras.layers
    return keras.Sequential([
        layers.Input(SHAPE),
        layers.Conv2D(8, 3, padding='same', use_bias=False, name='conv1'), layers.BatchNormalization(name='norm1'), layers.ReLU(),
        layers.Conv2D(12, 3, strides=2, padding='same', name='conv2'), layers.BatchNormalization(momentum=0.8, name='norm2'), layers.ReLU(),
        layers.MaxPooling2D(2), layers.BatchNormalization(scale=False, epsilon=1e-2, name='norm3'),
        layers.Activation('tanh'), layers.Flatten(), layers.Dense(6, use_bias=False, name='dense1'),
        layers.BatchNormalization(center=False, name='norm4'), layers.Activation('tanh'),
        layers.LayerNormalization(name='norm5'), layers.Dense(CLASSES, name='dense2'),
    ])


def initial_weights(model):
    """As make_weights makes them, in the order of the layers; gammas and variances are 1 more."""
    tensors = [(f'{layer.name}.{w.name}', w) for layer in model.layers for w in layer.weights]
    values = make_weights(SEED, [tuple(w.shape) for _, w in tensors])
    for i, (name, _) in enumerate(tensors):
        if name.endswith(('gamma', 'moving_variance')):
            values[i] = np.float32(1) + values[i]
    return tensors, values


def rounded(values, digits=12):
    """What cancels but for rounding is 0: the gradient of a bias in front of batch normalization."""
    return [float(f'{value:.{digits}g}') if abs(value) >= 1e-15 else 0.0 for value in np.asarray(values).reshape(-1)]


def main():
    model = make_model()
    tensors, initial = initial_weights(model)
    for (_, variable), value in zip(tensors, initial):
        variable.assign(value)
    # Keras' model.weights lists each layer's own in this order, too; its trainable ones are those with a gradient.
    trainable = [w for _, w in tensors if w.trainable]
    images = np.stack([make_noise(SEED, e, SHAPE) for e in range(EXAMPLES)])
    labels = np.array([make_label(SEED, e, CLASSES) for e in range(EXAMPLES)], np.uint8)
    x, targets = images / 255, keras.ops.one_hot(labels, CLASSES, dtype='float64')
    loss_of = keras.losses.CategoricalCrossentropy(from_logits=True)
    m, v = [np.zeros(w.shape) for w in trainable], [np.zeros(w.shape) for w in trainable]

    def infer():
        return [rounded(row) for row in tf.nn.softmax(model(x[:4], training=False)).numpy()]

    def statistics():
        return [rounded(w.numpy()) for name, w in tensors if '.moving_' in name]

    record = {'probabilities': infer(), 'losses': []}
    for step in range(STEPS):
        start = step % 3 * BATCH
        part = slice(start, min(start + BATCH, EXAMPLES))
        with tf.GradientTape() as tape:
            loss = loss_of(targets[part], model(x[part], training=True))
        gradients = tape.gradient(loss, [w.value for w in trainable])
        record['losses'].append(float(loss))
        if step == 0:
            record['gradients'] = [rounded(g) for g in gradients]
            record['statisticsAfterStep1'] = statistics()
        # Adam as Keras writes it, with its defaults; Keras' own takes 0.9 and 0.999 through float32, which shows in the sixth digit.
        alpha = 1e-3 * math.sqrt(1 - 0.999 ** (step + 1)) / (1 - 0.9 ** (step + 1))
        for i, (w, g) in enumerate(zip(trainable, gradients)):
            m[i] = 0.9 * m[i] + (1 - 0.9) * g.numpy()
            v[i] = 0.999 * v[i] + (1 - 0.999) * g.numpy() ** 2
            w.assign(w.numpy() - alpha * m[i] / (np.sqrt(v[i]) + 1e-7))
    record['statisticsAfterStep20'] = statistics()
    record['probabilitiesAfterStep20'] = infer()
    print([round(loss, 4) for loss in record['losses']])

    def sha256(arrays):
        return hashlib.sha256(b''.join(a.tobytes() for a in arrays)).hexdigest()

    contents = {
        'madeWith': {
            'python': platform.python_version(), 'keras': keras.__version__, 'tensorflow': tf.__version__, 'numpy': np.__version__,
        },
        'seed': SEED, 'examples': EXAMPLES, 'batch': BATCH, 'steps': STEPS,
        'sha256': {'weights': sha256(initial), 'images': sha256([images]), 'labels': sha256([labels])},
        'tensors': [{'name': name, 'shape': list(w.shape)} for name, w in tensors],
        'float64': record,
    }
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'normalizedNetwork.json')
    with open(path, 'w') as file:
        # One line for an array of numbers.
        text = re.sub(r'\[[^][{}]*\]', lambda found: ' '.join(found[0].split()), json.dumps(contents, indent=1))
        file.write(text + '\n')
    print(f'normalizedNetwork.json: {os.path.getsize(path)} bytes')


if __name__ == '__main__':
    main()
