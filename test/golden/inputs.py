"""The twin of inputs.ts in numpy: the same bytes from the same integers. README.md tells the rules."""
import math

import numpy as np

# ---- src/base/random.ts ------------------------------------------------------------


def mix(x):
    x = np.asarray(x, np.uint32)
    with np.errstate(over='ignore'):
        x = (x ^ (x >> np.uint32(16))) * np.uint32(0x21F0AAAD)
        x = (x ^ (x >> np.uint32(15))) * np.uint32(0x735A2D97)
    return x ^ (x >> np.uint32(15))


def make_key(*parts):
    key = 0x9E3779B9
    for part in parts:
        key = int(mix(key ^ int(mix(part & 0xFFFFFFFF))))
        key = int(mix((key + (part >> 32)) & 0xFFFFFFFF))
    return key


def random_bits(key, count):
    """The first `count` numbers of the stream."""
    with np.errstate(over='ignore'):
        return mix(mix(np.arange(count, dtype=np.uint32) ^ np.uint32(key)) + np.uint32(key))


def below(bits, n):
    return (bits.astype(np.uint64) * n >> 32).astype(np.int64)


# ---- inputs.ts ----------------------------------------------------------------

WEIGHTS, PROTOTYPES, NOISE, LABELS, SAMPLES, SIGNS = 1, 2, 3, 4, 5, 6


def make_weights(seed, shapes):
    """Glorot-uniform kernels and biases in ±0.05, float32."""
    weights = []
    for index, shape in enumerate(shapes):
        u = (random_bits(make_key(seed, WEIGHTS, index), math.prod(shape)) >> 8) / 2**24
        receptive_field = math.prod(shape[:-2])
        limit = math.sqrt(6 / (receptive_field * shape[-2] + receptive_field * shape[-1])) if len(shape) > 1 else 0.05
        weights.append(((2 * u - 1) * limit).astype(np.float32).reshape(shape))
    return weights


def make_label(seed, example, classes):
    return int(below(random_bits(make_key(seed, LABELS, example), 1), classes)[0])


def make_digit(seed, example):
    """28 × 28 bytes: three parts the class prototype (blocks of 4 × 4 pixels), one part noise."""
    blocks = random_bits(make_key(seed, PROTOTYPES, make_label(seed, example, 10)), 49) >> 24
    prototype = np.kron(blocks.reshape(7, 7), np.ones((4, 4), np.uint32))
    noise = (random_bits(make_key(seed, NOISE, example), 784) >> 24).reshape(28, 28)
    return ((3 * prototype + noise) >> 2).astype(np.uint8).reshape(28, 28, 1)


def make_noise(seed, example, shape):
    return (random_bits(make_key(seed, NOISE, example), math.prod(shape)) >> 24).astype(np.uint8).reshape(shape)
