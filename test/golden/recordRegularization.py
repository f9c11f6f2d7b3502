#!/usr/bin/python3
"""Records regularization.json beside this file: what Keras 3's fit and evaluate make of regularizers, constraints and weights of examples.

Run it with a Python that has keras, tensorflow (tensorflow-cpu) and numpy. Inputs and first weights are whole thousandths that
../model/regularizationGolden.test.ts makes, too.
"""
import json
import os

os.environ.update(KERAS_BACKEND='tensorflow', TF_CPP_MIN_LOG_LEVEL='3', CUDA_VISIBLE_DEVICES='')
import keras  # noqa: E402
import numpy as np  # noqa: E402

keras.backend.set_floatx('float64')
layers, R, C = keras.layers, keras.regularizers, keras.constraints
N, BATCH, EPOCHS, CLASSES = 22, 8, 3, 3


def numbers(stream, count):
    """Thousandths between -1 and 1, f32 first: what both sides begin with."""
    return np.array([((i * 7919 + stream * 104729 + 12345) % 2001 - 1000) / 1000 for i in range(count)]).astype('float32').astype('float64')


def image_network(frozen):
    """All kinds of both, on weights of every layer that has some."""
    return keras.Sequential([
        layers.Input((6, 5, 2)),
        layers.Conv2D(4, 3, activation='relu', kernel_regularizer='l2', bias_regularizer=R.L1(0.02), kernel_constraint=C.MaxNorm(1.0, axis=[0, 1, 2]), trainable=not frozen),
        layers.BatchNormalization(gamma_regularizer=R.L2(0.05), beta_regularizer=R.L1(0.03), gamma_constraint=C.NonNeg()),
        layers.DepthwiseConv2D(2, depthwise_regularizer=R.L1L2(0.01, 0.02), depthwise_constraint=C.MinMaxNorm(0.2, 0.9, 0.5, axis=[0, 1]), activity_regularizer=R.L2(0.01)),
        layers.SeparableConv2D(5, 2, depthwise_regularizer='l1', pointwise_regularizer=R.L2(0.03), pointwise_constraint=C.UnitNorm(axis=2), activation='tanh', activity_regularizer=R.L1(0.004)),
        layers.Flatten(),
        layers.Dense(7, activation='tanh', kernel_regularizer=R.L1L2(0.003, 0.01), kernel_constraint=C.MaxNorm(0.8), bias_constraint=C.MinMaxNorm(0.1, 0.5)),
        layers.LayerNormalization(beta_regularizer=R.L2(0.1), gamma_constraint=C.MaxNorm(1.5)),
        layers.Dense(CLASSES, activation='softmax', activity_regularizer=R.L2(0.02)),
    ])


def binary_network():
    return keras.Sequential([layers.Input((60,)), layers.Dense(4, activation='tanh', kernel_regularizer=R.L2(0.02)), layers.Dense(1, activation='sigmoid')])


def record(model, optimizer, loss, x, y, **weights):
    """Weights after each run of so many epochs, the losses of the epochs, and what evaluate says then."""
    count = 1
    for layer in model.layers:
        own = []
        for variable in layer.weights:
            value = numbers(count, int(np.prod(variable.shape))).reshape(variable.shape)
            own.append(np.abs(value) if variable.name in ('moving_variance', 'gamma') else value)
            count += 1
        layer.set_weights(own)
    model.compile(optimizer=optimizer, loss=loss, metrics=['accuracy'])
    history = model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0, **weights).history
    losses = {name: values for name, values in history.items()}
    own = {'sample_weight': weights['sample_weight']} if 'sample_weight' in weights else {}
    evaluated = model.evaluate(x, y, batch_size=BATCH, verbose=0, return_dict=True, **own)
    return {'history': losses, 'evaluate': evaluated, 'weights': [np.asarray(value).ravel().tolist() for value in model.get_weights()]}


x = numbers(100, N * 60)
labels = np.array([(i * i + i // 3) % CLASSES for i in range(N)])
sample_weight = np.array([(i * 5) % 7 / 2 for i in range(N)])
images, one_hot = x.reshape(N, 6, 5, 2), keras.utils.to_categorical(labels, CLASSES)
adam = lambda: keras.optimizers.Adam(0.01)  # noqa: E731
smooth = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
validation = (images[:9], one_hot[:9], sample_weight[:9])
cases = {
    'rules': record(image_network(False), adam(), smooth, images, one_hot),
    'frozen': record(image_network(True), adam(), smooth, images, one_hot),
    'clipped': record(image_network(False), keras.optimizers.SGD(0.05, momentum=0.9, global_clipnorm=0.5), smooth, images, one_hot),
    'sampleWeight': record(image_network(False), adam(), smooth, images, one_hot, sample_weight=sample_weight, validation_data=validation),
    'classWeight': record(image_network(False), adam(), 'sparse_categorical_crossentropy', images, labels, class_weight={0: 0.5, 2: 3.0}),
    'binaryClassWeight': record(binary_network(), adam(), keras.losses.BinaryCrossentropy(label_smoothing=0.2), x.reshape(N, 60), (labels > 0).astype('float64').reshape(N, 1), class_weight={0: 4.0, 1: 0.25}),
}
names = {}
for name in ('l1', 'l2', 'l1_l2'):
    try:
        names[name] = float(R.get(name)(np.array([1.0, -2.0])))
    except Exception as error:
        names[name] = str(error)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'regularization.json'), 'w') as file:
    file.write(json.dumps({'keras': keras.version(), 'names': names, **cases}) + '\n')
print(names, {name: case['history']['loss'] for name, case in cases.items()})
