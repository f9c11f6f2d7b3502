#!/usr/bin/python3
"""Records referenceNetwork.json and smallNetwork.json beside this file: what PyTorch computes from the inputs of inputs.py.

Run it with a Python that has torch and numpy (Debian: python3-torch); README.md says what is recorded. Arrays are
[n, height, width, channels] and weights as in Keras, [kH, kW, in, out] and [in, out], until the moment torch needs its own order.
"""
import hashlib
import json
import math
import os
import platform
import sys

import numpy as np
import torch
import torch.nn.functional as F

sys.dont_write_bytecode = True  # no __pycache__ in the tree
from inputs import SAMPLES, SIGNS, below, make_digit, make_key, make_label, make_noise, make_weights, random_bits  # noqa: E402

torch.set_num_threads(1)  # the order of float32 sums depends on the number of threads

# ---- the networks ------------------------------------------------------------------------------------------------------------


def pad_same(x, window, strides, value):
    """x [n, channels, height, width] padded as Keras' 'same': the smaller half first."""
    pads = []
    for size, k, stride in zip(x.shape[2:], window, strides):
        total = max((math.ceil(size / stride) - 1) * stride + k - size, 0)
        pads.append((total // 2, total - total // 2))
    return F.pad(x, (*pads[1], *pads[0]), value=value)


def logits_of(layers, weights, x, margins=None):
    """What the layers make of x [n, height, width, channels]. With a list `margins`, each ReLU and each pool adds, for each
    example, how far its nearest decision is from going the other way, in units of the input's root mean square."""
    unused = list(weights)
    x = x.permute(0, 3, 1, 2)
    for place, layer in enumerate(layers):
        kind = layer['kind']
        if kind in ('conv2d', 'maxPooling2d'):
            window = layer['kernelSize' if kind == 'conv2d' else 'poolSize']
            strides = layer.get('strides', [1, 1] if kind == 'conv2d' else window)
            if layer.get('padding') == 'same':
                x = pad_same(x, window, strides, 0.0 if kind == 'conv2d' else -math.inf)
        if kind == 'conv2d':
            x = F.conv2d(x, unused.pop(0).permute(3, 2, 0, 1), unused.pop(0), stride=strides)
        elif kind == 'maxPooling2d':
            x = F.max_pool2d(x, window, strides)
        elif kind == 'dense':
            x = x @ unused.pop(0) + unused.pop(0)
        elif kind == 'flatten':
            x = x.permute(0, 2, 3, 1).reshape(x.shape[0], -1)
        elif kind == 'relu':
            if margins is not None:
                margins.append(margin_of(x, layers[place + 1]))
            x = torch.relu(x)
        else:
            raise ValueError(kind)
    assert not unused
    return x


def margin_of(z, next_layer):
    """z: what goes into a ReLU. Where a pool follows, only each window's maximum counts: its distance from 0 and, where it
    passes the ReLU, from the second largest."""
    scale = z.square().mean().sqrt()
    if next_layer['kind'] == 'maxPooling2d':
        window = next_layer['poolSize']
        strides = next_layer.get('strides', window)
        if next_layer.get('padding') == 'same':
            z = pad_same(z, window, strides, -math.inf)
        windows = z.unfold(2, window[0], strides[0]).unfold(3, window[1], strides[1]).flatten(4)
        first, second = windows.topk(2).values.unbind(-1)
        margin = torch.minimum(first.abs(), torch.where(first > 0, first - second, math.inf))
    else:
        margin = z.abs()
    return margin.flatten(1).min(1).values / scale


def loss_of(logits, targets):
    return -(targets * torch.log_softmax(logits, 1)).sum(1).mean()


class Adam:
    """As Keras writes it, with its defaults."""

    def __init__(self, weights):
        self.t = 0
        self.m = [torch.zeros_like(w) for w in weights]
        self.v = [torch.zeros_like(w) for w in weights]

    def step(self, weights, gradients):
        self.t += 1
        alpha = 1e-3 * math.sqrt(1 - 0.999**self.t) / (1 - 0.9**self.t)
        for w, m, v, g in zip(weights, self.m, self.v, gradients):
            m.copy_(0.9 * m + (1 - 0.9) * g)
            v.copy_(0.999 * v + (1 - 0.999) * g * g)
            w.data.sub_(alpha * m / (v.sqrt() + 1e-7))


# ---- what is recorded --------------------------------------------------------------------------------------------------------


def sample_indices(seed, index, size):
    """64 places of tensor `index`, or all of them where there are no more."""
    return np.arange(size) if size <= 64 else below(random_bits(make_key(seed, SAMPLES, index), 64), size)


def digest(seed, index, values):
    """Norm, 64 entries, and dot products with 16 vectors of ±1, all in float64."""
    values = values.reshape(-1).astype(np.float64)
    bits = random_bits(make_key(seed, SIGNS, index), values.size)
    signs = [np.where(bits >> np.uint32(16 + j) & 1, 1.0, -1.0) for j in range(16)]
    return {
        'norm': math.sqrt(float(values @ values)),
        'samples': values[sample_indices(seed, index, values.size)].tolist(),
        'projections': [float(s @ values) for s in signs],
    }


def sha256(arrays):
    return hashlib.sha256(b''.join(a.tobytes() for a in arrays)).hexdigest()


def shorten(value, digits):
    if isinstance(value, float):
        return float(f'{value:.{digits}g}')
    if isinstance(value, dict):
        return {key: shorten(item, digits) for key, item in value.items()}
    return [shorten(item, digits) for item in value] if isinstance(value, list) else value


def numpy_of(tensor):
    return tensor.detach().numpy()


def as_json(value, indent=''):
    """One line for an array of numbers, one for each entry of anything else."""
    deeper = indent + ' '
    if isinstance(value, dict):
        items = [f'{json.dumps(key)}: {as_json(item, deeper)}' for key, item in value.items()]
        return '{\n' + ',\n'.join(deeper + item for item in items) + f'\n{indent}}}'
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)) and 'kind' not in value[0]:
        return '[\n' + ',\n'.join(deeper + as_json(item, deeper) for item in value) + f'\n{indent}]'
    return json.dumps(value)


def write(name, contents):
    made_with = {'python': platform.python_version(), 'torch': torch.__version__, 'numpy': np.__version__}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    with open(path, 'w') as file:
        file.write(as_json({'madeWith': made_with, **contents}) + '\n')
    print(f'{name}: {os.path.getsize(path)} bytes')


def describe(names, weights):
    return [{'name': name, 'shape': list(w.shape)} for name, w in zip(names, weights)]


def record_reference():
    seed, batch, steps = 1, 128, 20
    layers = [
        {'kind': 'conv2d', 'filters': 32, 'kernelSize': [3, 3]}, {'kind': 'relu'}, {'kind': 'maxPooling2d', 'poolSize': [2, 2]},
        {'kind': 'conv2d', 'filters': 64, 'kernelSize': [3, 3]}, {'kind': 'relu'}, {'kind': 'maxPooling2d', 'poolSize': [2, 2]},
        {'kind': 'flatten'}, {'kind': 'dense', 'units': 128}, {'kind': 'relu'}, {'kind': 'dense', 'units': 10},
    ]
    shapes = [(3, 3, 1, 32), (32,), (3, 3, 32, 64), (64,), (1600, 128), (128,), (128, 10), (10,)]
    names = [f'{layer}.{part}' for layer in ('conv1', 'conv2', 'dense1', 'dense2') for part in ('kernel', 'bias')]
    initial = make_weights(seed, shapes)
    assert sum(w.size for w in initial) == 225034

    # Batches 2 to 20 are consecutive examples. Batch 1 is chosen: of 2048 later examples the 128 whose nearest ReLU kink or
    # pool tie is farthest, so that rounding cannot send a gradient another way and its tolerance can be sharp.
    margins = []
    for start in range(4096, 4096 + 2048, 256):
        images = np.stack([make_digit(seed, e) for e in range(start, start + 256)])
        found = []
        logits_of(layers, [torch.tensor(w).double() for w in initial], torch.tensor(images) / torch.tensor(255.0).double(), found)
        margins += torch.stack(found).min(0).values.tolist()
    chosen = np.sort(np.argsort(margins)[-batch:]) + 4096
    margin = sorted(margins)[-batch]
    print(f'margin of batch 1: {margin}')

    examples = chosen.tolist() + list(range(batch, steps * batch))
    images = np.stack([make_digit(seed, e) for e in examples])
    labels = np.array([make_label(seed, e, 10) for e in examples], np.uint8)
    result = {
        'seed': seed, 'batch': batch, 'steps': steps, 'firstBatch': chosen.tolist(), 'firstBatchMargin': margin,
        'sha256': {'weights': sha256(initial), 'images': sha256([images]), 'labels': sha256([labels])},
        'tensors': [
            {**tensor, 'sampleIndices': sample_indices(seed, i, initial[i].size).tolist()}
            for i, tensor in enumerate(describe(names, initial))
        ],
    }

    for precision, dtype, digits in (('float64', torch.float64, 17), ('float32', torch.float32, 9)):
        weights = [torch.tensor(w).to(dtype).requires_grad_() for w in initial]
        adam = Adam(weights)
        record = {'losses': []}

        def digests(tensors):
            return [digest(seed, i, tensor) for i, tensor in enumerate(tensors)]

        def changes():
            return digests([numpy_of(w).astype(np.float64) - start for w, start in zip(weights, initial)])

        for step in range(steps):
            part = slice(step * batch, (step + 1) * batch)
            x = torch.tensor(images[part]).to(dtype) / 255
            targets = F.one_hot(torch.tensor(labels[part]).long(), 10).to(dtype)
            logits = logits_of(layers, weights, x)
            loss = loss_of(logits, targets)
            gradients = torch.autograd.grad(loss, weights)
            record['losses'].append(loss.item())
            if step == 0:
                record['probabilities'] = numpy_of(torch.softmax(logits, 1))[:4].astype(np.float64).tolist()
                record['gradients'] = digests([numpy_of(g) for g in gradients])
            adam.step(weights, gradients)
            if step == 0:
                record['changesAfterStep1'] = changes()
        record['changesAfterStep20'] = changes()
        print(precision, [round(loss, 3) for loss in record['losses']])
        result[precision] = shorten(record, digits)
    write('referenceNetwork.json', result)


def record_small():
    seed, batch, classes, shape = 2, 5, 4, (9, 10, 3)
    layers = [
        {'kind': 'conv2d', 'filters': 5, 'kernelSize': [3, 2], 'strides': [2, 1], 'padding': 'same'}, {'kind': 'relu'},
        {'kind': 'maxPooling2d', 'poolSize': [3, 2], 'strides': [2, 2], 'padding': 'same'},
        {'kind': 'conv2d', 'filters': 7, 'kernelSize': [2, 3]},
        {'kind': 'flatten'}, {'kind': 'dense', 'units': 6}, {'kind': 'relu'}, {'kind': 'dense', 'units': classes},
    ]
    shapes = [(3, 2, 3, 5), (5,), (2, 3, 5, 7), (7,), (2 * 3 * 7, 6), (6,), (6, classes), (classes,)]
    names = [f'{layer}.{part}' for layer in ('conv1', 'conv2', 'dense1', 'dense2') for part in ('kernel', 'bias')]
    initial = make_weights(seed, shapes)
    images = np.stack([make_noise(seed, e, shape) for e in range(batch)])
    labels = np.array([make_label(seed, e, classes) for e in range(batch)], np.uint8)
    result = {
        'seed': seed, 'batch': batch,
        'sha256': {'weights': sha256(initial), 'images': sha256([images]), 'labels': sha256([labels])},
        'tensors': describe(names, initial),
    }
    for precision, dtype, digits in (('float64', torch.float64, 17), ('float32', torch.float32, 9)):
        weights = [torch.tensor(w).to(dtype).requires_grad_() for w in initial]
        x = (torch.tensor(images).to(dtype) / 255).requires_grad_()
        margins = []
        logits = logits_of(layers, weights, x, margins)
        assert torch.stack(margins).min() >= 1e-3, torch.stack(margins)
        loss = loss_of(logits, F.one_hot(torch.tensor(labels).long(), classes).to(dtype))
        *gradients, dx = torch.autograd.grad(loss, [*weights, x])
        record = {
            'loss': loss.item(),
            'probabilities': numpy_of(torch.softmax(logits, 1)).astype(np.float64).tolist(),
            'gradients': [numpy_of(g).astype(np.float64).reshape(-1).tolist() for g in gradients],
            'dx': numpy_of(dx).astype(np.float64).reshape(-1).tolist(),
        }
        result[precision] = shorten(record, digits)
    write('smallNetwork.json', result)


if __name__ == '__main__':
    record_small()
    record_reference()
