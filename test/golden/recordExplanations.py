#!/usr/bin/python3
"""Records explanations.json beside this file: saliency and Grad-CAM of the networks of recordKeras.py, by Keras in float64.

Grad-CAM as Keras' example has it (https://keras.io/examples/vision/grad_cam/), of the scores before softmax, with the first weights.
Run it with a Python that has keras, tensorflow (tensorflow-cpu) and numpy.
"""
import json
import os
import re
import sys

sys.dont_write_bytecode = True  # no __pycache__ in the tree
from recordKeras import NETWORKS, initial_weights, keras, np, rounded as rounded_to, tf  # noqa: E402
from inputs import make_noise  # noqa: E402

EXAMPLES = 2
# Behind a normalization, on one branch of two, and in front of an activation.
LAYERS = {
    'normalizedNetwork': ['conv1', 'norm2'],
    'residualNetwork': ['stem_norm', 'a2_conv', 'b_skip_norm'],
    'mobileNetwork': ['a_depthwise_conv', 'b_project_norm'],
}


def rounded(values):
    """To more digits than float32 has."""
    return rounded_to(values, 9)


def grad_cam(values, gradients):
    """[examples, height, width] of both [examples, height, width, channels]."""
    heatmap = np.maximum(np.einsum('nhwc,nc->nhw', values, gradients.mean(axis=(1, 2))), 0)
    return heatmap / np.maximum(heatmap.max(axis=(1, 2), keepdims=True), 1e-300)


def explain(name):
    make_model, seed, _, gamma = NETWORKS[name]
    model = make_model()
    tensors, values = initial_weights(model, seed, gamma)
    for (_, variable), value in zip(tensors, values):
        variable.assign(value)
    shape = model.input_shape[1:]
    x = tf.constant(np.stack([make_noise(seed, e, shape) for e in range(EXAMPLES)]) / 255)
    record = {'classes': np.argmax(model(x, training=False), axis=1).tolist()}

    def gradients_of(inputs, outputs):
        """Values of a layer, and the gradients of the highest score, and of class 1's, by them."""
        inner = keras.Model(inputs, outputs)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            value, scores = inner(x, training=False)
            value = x if outputs[0] is inputs else value
            best, second = tf.reduce_max(scores, axis=1), scores[:, 1]
        return value.numpy(), tape.gradient(best, value).numpy(), tape.gradient(second, value).numpy()

    _, best, second = gradients_of(model.inputs[0], [model.inputs[0], model.outputs[0]])
    record['saliency'] = {'best': rounded(best), 'class1': rounded(second)}
    record['layers'] = {}
    for layer in LAYERS[name]:
        value, best, second = gradients_of(model.inputs[0], [model.get_layer(layer).output, model.outputs[0]])
        record['layers'][layer] = {
            'activations': rounded(value), 'best': rounded(grad_cam(value, best)), 'class1': rounded(grad_cam(value, second)),
        }
    return record


if __name__ == '__main__':
    keras.config.set_floatx('float64')
    keras.config.set_dtype_policy('float64')
    contents = {'examples': EXAMPLES, **{name: explain(name) for name in NETWORKS}}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'explanations.json')
    with open(path, 'w') as file:
        # One line for an array of numbers.
        file.write(re.sub(r'\[[^][{}]*\]', lambda found: ' '.join(found[0].split()), json.dumps(contents, indent=1)) + '\n')
    print(f'explanations.json: {os.path.getsize(path)} bytes')
