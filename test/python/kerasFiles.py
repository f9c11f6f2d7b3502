"""For kerasFiles.test.ts: has Keras read files, and tells what it computes with them, a JSON object a line for each line of stdin.

{"path": …, "inputs": [shape, …], "seeds": […]} → {"outputs": [[…], …], "losses": […], "step": …}; with "save" it saves the model there.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
# TensorFlow fuses a convolution, a sum and a LeakyReLU into one that has forgotten its slope.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
import numpy as np
import keras


def numbers(shape, seed):
    count = int(np.prod(shape))
    return (((np.arange(count) * 37 + seed * 11) % 101 - 50) / 40).astype("float32").reshape(shape)


for line in sys.stdin:
    asked = json.loads(line)
    model = keras.models.load_model(asked["path"])
    inputs = [numbers(shape, seed) for shape, seed in zip(asked["inputs"], asked["seeds"])]
    if asked.get("positive"):
        inputs = [np.abs(x) for x in inputs]
    x = inputs if len(inputs) > 1 else inputs[0]
    outputs = model.predict(x, verbose=0)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    told = {"outputs": [np.asarray(y).astype(float).ravel().tolist() for y in outputs]}
    if asked.get("labels"):
        # Steps from where the file's training was.
        y = np.eye(outputs[0].shape[-1], dtype="float32")[asked["labels"]]
        told["step"] = int(model.optimizer.iterations)
        told["losses"] = []
        for _ in range(3):
            model.reset_metrics()
            told["losses"].append(float(np.ravel(model.train_on_batch(x, y))[0]))
    if asked.get("save"):
        model.save(asked["save"])
    print(json.dumps(told), flush=True)
