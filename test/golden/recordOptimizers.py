#!/usr/bin/python3
"""Records optimizers.json beside this file: 20 steps of Keras 3's optimizers in float64, and the rates of its schedules and PyTorch's one cycle.

Run it with a Python that has keras, tensorflow (tensorflow-cpu), torch and numpy. The weights, and the gradients of each step, are whole
thousandths that ../optimizers/golden.ts makes, too.
"""
import json
import os
import subprocess
import sys

if sys.argv[1:] == ['one cycle']:  # in a process of its own: torch and tensorflow do not stand each other
    import torch

    def rates(options):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))], lr=1.0)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, **options)
        found = []
        for _ in range(options['total_steps']):
            found.append(optimizer.param_groups[0]['lr'])
            optimizer.step()
            if len(found) < options['total_steps']:
                schedule.step()
        return found

    cycles = [
        ({'maxLearningRate': 0.1, 'totalSteps': 50}, {'max_lr': 0.1, 'total_steps': 50}),
        ({'maxLearningRate': 0.4, 'totalSteps': 31, 'pctStart': 0.25, 'divFactor': 10, 'finalDivFactor': 100, 'annealStrategy': 'linear'},
         {'max_lr': 0.4, 'total_steps': 31, 'pct_start': 0.25, 'div_factor': 10, 'final_div_factor': 100, 'anneal_strategy': 'linear'}),
    ]
    print(json.dumps({'torch': torch.__version__.split('+')[0], 'oneCycle': [{'options': own, 'rates': rates(given)} for own, given in cycles]}))
    sys.exit()

os.environ.update(KERAS_BACKEND='tensorflow', TF_CPP_MIN_LOG_LEVEL='3', CUDA_VISIBLE_DEVICES='')
import keras  # noqa: E402
import numpy as np  # noqa: E402

keras.backend.set_floatx('float64')
O, S = keras.optimizers, keras.optimizers.schedules
SHAPES = {'kernel': (5, 3), 'bias': (3,)}
STEPS, OTHER_STEPS = 20, [0, 1, 2, 5, 9, 10, 11, 19, 20, 21, 30, 50, 99, 100, 101, 250, 700]


def numbers(stream, count):
    """Thousandths between -1 and 1, f32 first: what both sides begin with."""
    return np.array([((i * 7919 + stream * 104729 + 12345) % 2001 - 1000) / 1000 for i in range(count)]).astype('float32').astype('float64')


def tensors(stream):
    kernel, bias = SHAPES['kernel'], SHAPES['bias']
    values = numbers(stream, 18)
    return [values[:15].reshape(kernel), values[15:].reshape(bias)]


def steps(name, options, exclude=None):
    options = {key: getattr(S, value.pop('class'))(**value) if isinstance(value, dict) else value for key, value in options.items()}
    optimizer = getattr(O, name)(**options)
    variables = [keras.Variable(value, name=own) for own, value in zip(SHAPES, tensors(0))]
    if exclude:
        optimizer.exclude_from_weight_decay(var_names=exclude)
    records = []
    for t in range(1, STEPS + 1):
        gradients = [keras.ops.convert_to_tensor(value * (4 if t % 5 == 0 else 1)) for value in tensors(t)]
        optimizer.apply(gradients, variables)
        if t in (1, 2, STEPS):
            records.append([float(x) for variable in variables for x in np.asarray(variable.value).ravel()])
    optimizer.finalize_variable_values(variables)
    return {'steps': records, 'finalized': [float(x) for variable in variables for x in np.asarray(variable.value).ravel()]}


OPTIMIZERS = [
    ('SGD', {}), ('SGD', {'momentum': 0.9}), ('SGD', {'momentum': 0.9, 'nesterov': True}),
    ('SGD', {'momentum': 0.5, 'clipvalue': 0.3}), ('SGD', {'clipnorm': 1.0}), ('SGD', {'global_clipnorm': 1.0}),
    ('SGD', {'learning_rate': 0.1, 'use_ema': True}), ('SGD', {'learning_rate': 0.1, 'use_ema': True, 'ema_momentum': 0.8, 'ema_overwrite_frequency': 6}),
    ('RMSprop', {}), ('RMSprop', {'momentum': 0.9}), ('RMSprop', {'centered': True}), ('RMSprop', {'centered': True, 'momentum': 0.5, 'rho': 0.8}),
    ('Adam', {}), ('Adam', {'amsgrad': True}), ('Adam', {'weight_decay': 0.1, 'global_clipnorm': 0.5}), ('AdamW', {}), ('AdamW', {'weight_decay': 0.2, 'amsgrad': True}),
    ('Nadam', {}), ('Adagrad', {}), ('Adagrad', {'initial_accumulator_value': 0.0}), ('Adadelta', {}), ('Adadelta', {'learning_rate': 1.0}), ('Lion', {}), ('Lion', {'weight_decay': 0.5}),
    ('Adam', {'learning_rate': {'class': 'CosineDecay', 'initial_learning_rate': 0.01, 'decay_steps': 15}}),
]
SCHEDULES = [
    ('ExponentialDecay', {'initial_learning_rate': 0.1, 'decay_steps': 10, 'decay_rate': 0.5}),
    ('ExponentialDecay', {'initial_learning_rate': 0.1, 'decay_steps': 10, 'decay_rate': 0.96, 'staircase': True}),
    ('PiecewiseConstantDecay', {'boundaries': [10, 20], 'values': [1.0, 0.5, 0.1]}),
    ('PolynomialDecay', {'initial_learning_rate': 0.1, 'decay_steps': 100}),
    ('PolynomialDecay', {'initial_learning_rate': 0.1, 'decay_steps': 20, 'end_learning_rate': 0.01, 'power': 0.5, 'cycle': True}),
    ('InverseTimeDecay', {'initial_learning_rate': 0.1, 'decay_steps': 10, 'decay_rate': 0.5}),
    ('InverseTimeDecay', {'initial_learning_rate': 0.1, 'decay_steps': 10, 'decay_rate': 0.5, 'staircase': True}),
    ('CosineDecay', {'initial_learning_rate': 0.1, 'decay_steps': 100}),
    ('CosineDecay', {'initial_learning_rate': 0.0, 'decay_steps': 90, 'alpha': 0.1, 'warmup_target': 0.1, 'warmup_steps': 10}),
    ('CosineDecayRestarts', {'initial_learning_rate': 0.1, 'first_decay_steps': 30}),
    ('CosineDecayRestarts', {'initial_learning_rate': 0.1, 'first_decay_steps': 20, 't_mul': 1.0, 'm_mul': 0.9, 'alpha': 0.05}),
]


def camel(options):
    """initial_learning_rate → initialLearningRate"""
    def name(key):
        first, *rest = key.split('_')
        return first + ''.join(part.capitalize() for part in rest)
    return {name(key): camel(value) if isinstance(value, dict) else value for key, value in options.items()}


record = {
    'keras': keras.version(),
    'optimizers': [{'name': name.lower(), 'options': camel(json.loads(json.dumps(options))), **steps(name, json.loads(json.dumps(options)))} for name, options in OPTIMIZERS]
    + [{'name': 'adamw', 'options': {'weightDecay': 0.3, 'excludeFromWeightDecay': ['bias']}, **steps('AdamW', {'weight_decay': 0.3}, ['bias'])}],
    'schedules': [{'name': name[0].lower() + name[1:], 'options': camel(options), 'steps': OTHER_STEPS,
                   'rates': [float(getattr(S, name)(**options)(step)) for step in OTHER_STEPS]} for name, options in SCHEDULES],
    **json.loads(subprocess.check_output([sys.executable, os.path.abspath(__file__), 'one cycle'])),
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'optimizers.json'), 'w') as file:
    file.write(json.dumps(record) + '\n')
