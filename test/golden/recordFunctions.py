# Activations, losses and their gradients by PyTorch in float64, for test/golden/functions.test.ts.  Writes functions.json beside this file:
#   /usr/bin/python3 test/golden/recordFunctions.py
import json
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
X = [-9.5, -4.25, -3.5, -2.75, -1.5, -0.75, -0.125, -0.01, 0.02, 0.25, 0.8, 1.3, 2.6, 3.7, 5.5, 8.0]


def run(function, values, shape):
    x = torch.tensor(values).reshape(shape).requires_grad_()
    y = function(x)
    (y * torch.arange(1, y.numel() + 1).reshape(y.shape)).sum().backward()
    return {"y": y.detach().flatten().tolist(), "dx": x.grad.flatten().tolist()}


activations = {
    "elu": F.elu, "selu": F.selu, "gelu": F.gelu, "silu": F.silu, "mish": F.mish, "softplus": F.softplus, "softsign": F.softsign,
    "hardSigmoid": F.hardsigmoid, "hardSwish": F.hardswish, "relu6": F.relu6, "exponential": torch.exp,
    "geluApproximate": lambda x: F.gelu(x, approximate="tanh"), "leakyRelu": lambda x: F.leaky_relu(x, 0.2),
    "logSoftmax": lambda x: F.log_softmax(x, -1),
}

LOGITS = [0.5, -1.25, 2.0, 0.75, -0.5, 1.5, 0.25, -2.0, 1.0, 3.0, -1.0, 0.125]
CLASSES = [2, 0, 1]
ROWS = [0.1, 0.2, 0.3, 0.4, 0.7, 0.1, 0.1, 0.1, 0.25, 0.25, 0.25, 0.25]
YES = [1.0, 0.0, 0.3, 1.0, 0.0, 0.0, 1.0, 0.9, 0.0, 1.0, 0.5, 0.0]


def loss(function):
    x = torch.tensor(LOGITS).reshape(3, 4).requires_grad_()
    value = function(x)
    value.backward()
    return {"loss": value.item(), "dx": x.grad.flatten().tolist()}


rows, yes, classes = torch.tensor(ROWS).reshape(3, 4), torch.tensor(YES).reshape(3, 4), torch.tensor(CLASSES)
losses = {
    "meanSquaredError": loss(lambda x: F.mse_loss(x, yes)),
    "meanAbsoluteError": loss(lambda x: F.l1_loss(x, yes)),
    "huber": loss(lambda x: F.huber_loss(x, yes, delta=0.75)),
    "binaryCrossentropy": loss(lambda x: F.binary_cross_entropy_with_logits(x, yes)),
    "binaryCrossentropy, probabilities": loss(lambda x: F.binary_cross_entropy(torch.softmax(x, -1), yes)),
    "sparseCategoricalCrossentropy": loss(lambda x: F.cross_entropy(x, classes)),
    "categoricalCrossentropy": loss(lambda x: F.cross_entropy(x, rows)),
    "categoricalCrossentropy, smoothed": loss(lambda x: F.cross_entropy(x, rows, label_smoothing=0.2)),
    "kullbackLeiblerDivergence": loss(lambda x: F.kl_div(F.log_softmax(x, -1), rows, reduction="batchmean")),
}
pathlib.Path(__file__).with_name("functions.json").write_text(
    json.dumps(
        {
            "torch": torch.__version__,
            "x": X,
            "activations": {name: run(function, X, (4, 4)) for name, function in activations.items()},
            "logits": LOGITS, "classes": CLASSES, "rows": ROWS, "yes": YES,
            "losses": losses,
        },
        indent=1,
    )
    + "\n"
)
