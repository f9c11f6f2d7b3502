"""Records what Keras' metrics and callbacks say: metrics.json.   python recordMetrics.py"""
import json
import os

os.environ.setdefault('KERAS_BACKEND', 'torch')
import keras
import numpy as np

from inputs import make_key, random_bits

N, CLASSES = 60, 4


def rows(seed, columns):
    """Multiples of 1/1024 in (0, 1), no two alike in a row."""
    bits = random_bits(make_key(seed, 1), N * columns).reshape(N, columns)
    return [[int(((value >> 22) // columns) * columns + i) % 1024 for i, value in enumerate(row)] for row in bits]


def labels(seed, classes):
    return [int(value >> 8) % classes for value in random_bits(make_key(seed, 2), N)]


def figures(metrics, outputs, targets):
    found = {}
    for name, metric in metrics.items():
        # In two batches, as examples come.
        for part in (slice(0, 23), slice(23, N)):
            metric.update_state(targets[part], outputs[part])
        found[name] = np.asarray(metric.result(), np.float64).tolist()
    return found


def auc(curve, summation, **more):
    return keras.metrics.AUC(curve=curve, summation_method=summation, **more)


def aucs(**more):
    return {
        f'{curve} {summation}': auc(curve, summation, **more)
        for curve in ('ROC', 'PR')
        for summation in ('interpolation', 'minoring', 'majoring')
    }


def classes():
    outputs, y = rows(11, CLASSES), labels(11, CLASSES)
    metrics = keras.metrics
    return {
        'outputs': outputs,
        'labels': y,
        'figures': figures(
            {
                'precision': metrics.Precision(),
                'recall': metrics.Recall(),
                'precision 0.3': metrics.Precision(thresholds=0.3),
                'precision top 2': metrics.Precision(top_k=2),
                'recall top 2': metrics.Recall(top_k=2),
                'precision class 2': metrics.Precision(class_id=2),
                'recall class 1 top 2': metrics.Recall(class_id=1, top_k=2),
                'f1 by class': metrics.F1Score(),
                'f1 macro': metrics.F1Score(average='macro'),
                'f1 micro': metrics.F1Score(average='micro'),
                'f1 weighted': metrics.F1Score(average='weighted'),
                'f1 macro 0.4': metrics.F1Score(average='macro', threshold=0.4),
                'multi-label': metrics.AUC(multi_label=True, num_labels=CLASSES),
                'top 2': metrics.TopKCategoricalAccuracy(k=2),
                'meanIoU': metrics.OneHotMeanIoU(num_classes=CLASSES),
                'mae': metrics.MeanAbsoluteError(),
                'mse': metrics.MeanSquaredError(),
                **aucs(),
            },
            np.array(outputs, np.float32) / 1024,
            np.eye(CLASSES, dtype=np.float32)[y],
        ),
    }


def binary():
    outputs, y = rows(12, 1), labels(12, 2)
    metrics = keras.metrics
    return {
        'outputs': outputs,
        'labels': y,
        'figures': figures(
            {
                'precision': metrics.Precision(),
                'recall': metrics.Recall(),
                'meanIoU': metrics.BinaryIoU(target_class_ids=[0, 1], threshold=0.5),
                **aucs(num_thresholds=7),
            },
            np.array(outputs, np.float32) / 1024,
            np.array(y, np.float32)[:, None],
        ),
    }


def model():
    made = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    made.compile(optimizer=keras.optimizers.SGD(0.5), loss='mse')
    return made


def stopping(values, **options):
    """The number of epochs that are trained, and the best one."""
    trained = model()
    callback = keras.callbacks.EarlyStopping(monitor='x', restore_best_weights=True, **options)
    callback.set_model(trained)
    callback.on_train_begin()
    trained.stop_training = False
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {'x': value})
        if trained.stop_training:
            break
    return {'values': values, 'options': options, 'epochs': epoch + 1, 'bestEpoch': callback.best_epoch}


def plateau(values, **options):
    """The learning rate after each epoch."""
    trained = model()
    callback = keras.callbacks.ReduceLROnPlateau(monitor='x', **options)
    callback.set_model(trained)
    callback.on_train_begin()
    rates = []
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {'x': value})
        rates.append(float(trained.optimizer.learning_rate))
    return {'values': values, 'options': options, 'rates': rates}


UP_AND_DOWN = [5, 4, 4.5, 4, 3.9, 3.95, 3.5, 3.6, 3.7, 3.8, 3.4, 3.4, 3.4, 3.4, 3.4, 1]

with open(os.path.join(os.path.dirname(__file__), 'metrics.json'), 'w') as file:
    json.dump(
        {
            'keras': keras.__version__,
            'classes': classes(),
            'binary': binary(),
            'earlyStopping': [
                stopping(UP_AND_DOWN, mode='min', patience=2),
                stopping(UP_AND_DOWN, mode='min', patience=3),
                stopping(UP_AND_DOWN, mode='min', patience=4),
                stopping(UP_AND_DOWN, mode='min', patience=2, min_delta=0.2),
                stopping(UP_AND_DOWN, mode='min', patience=3, baseline=4.2),
                stopping(UP_AND_DOWN, mode='min', patience=3, baseline=2),
                stopping(UP_AND_DOWN, mode='min', patience=2, start_from_epoch=6),
                stopping([-value for value in UP_AND_DOWN], mode='max', patience=3, baseline=-3.45, start_from_epoch=1),
            ],
            'reduceLROnPlateau': [
                plateau(UP_AND_DOWN, mode='min', patience=1),
                plateau(UP_AND_DOWN, mode='min', patience=2, factor=0.5),
                plateau(UP_AND_DOWN, mode='min', patience=1, factor=0.5, cooldown=2),
                plateau(UP_AND_DOWN, mode='min', patience=1, factor=0.5, min_delta=0.2, min_lr=0.1),
                plateau([-value for value in UP_AND_DOWN], mode='max', patience=2, factor=0.25, cooldown=1),
            ],
        },
        file,
    )
    file.write('\n')
