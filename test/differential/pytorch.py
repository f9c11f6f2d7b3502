# What PyTorch makes of a network: one JSON object a line on stdin, one a line on stdout. Arrays are [n, height, width, channels], weights as
# in Keras, [kH, kW, in, out] and [in, out], until the moment torch needs its own order. Numbers travel as little-endian bytes in base64.
import base64
import json
import math
import sys

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
# Its own kernels: oneDNN's have corrupted the heap now and then (PyTorch 2.15).
torch.backends.mkldnn.enabled = False


def decode(text, dtype):
    data = bytearray(base64.b64decode(text))
    return torch.frombuffer(data, dtype=dtype).clone() if data else torch.zeros(0, dtype=dtype)


def encode(tensor):
    return base64.b64encode(tensor.detach().double().contiguous().numpy().tobytes()).decode()


def padding(size, window, stride, kind):
    """Before and after, as Keras has it: the smaller half first."""
    if kind == "valid":
        return 0, 0
    total = max((math.ceil(size / stride) - 1) * stride + window - size, 0)
    return total // 2, total - total // 2


def pad(x, window, strides, kind, value):
    """x: [n, channels, height, width]"""
    top, bottom = padding(x.shape[2], window[0], strides[0], kind)
    left, right = padding(x.shape[3], window[1], strides[1], kind)
    return F.pad(x, (left, right, top, bottom), value=value)


class Run:
    """One pass of the batch forward. `masks`: of each dropout layer, or None to leave dropout out."""

    def __init__(self, network, weights, masks):
        self.network = network
        self.weights = list(weights)
        self.masks = None if masks is None else list(masks)
        self.margin = math.inf

    def see(self, distances, values):
        """Remembers how near the nearest decision was, in units of the layer's root mean square. Exact zeros were made by ReLU, dropout or padding."""
        distances = distances.detach().abs()
        distances = distances[distances > 0]
        if distances.numel() > 0:
            self.margin = min(self.margin, float(distances.min() / values.detach().square().mean().sqrt()))

    def activate(self, x, kind):
        if kind == "relu":
            self.see(x, x)
            return F.relu(x)
        return {"linear": lambda: x, "sigmoid": lambda: torch.sigmoid(x), "tanh": lambda: torch.tanh(x), "softmax": lambda: torch.softmax(x, -1)}[kind]()

    def conv2d(self, x, config):
        kernel = self.weights.pop(0)
        bias = self.weights.pop(0) if config["useBias"] else None
        images = pad(x.permute(0, 3, 1, 2), config["kernelSize"], config["strides"], config["padding"], 0.0)
        y = F.conv2d(images, kernel.permute(3, 2, 0, 1).contiguous(), bias, stride=config["strides"])
        return y.permute(0, 2, 3, 1)

    def dense(self, x, config):
        y = x @ self.weights.pop(0)
        return y + self.weights.pop(0) if config["useBias"] else y

    def max_pooling2d(self, x, config):
        size, strides = config["poolSize"], config["strides"]
        images = pad(x.permute(0, 3, 1, 2), size, strides, config["padding"], -math.inf)
        if size[0] * size[1] > 1:
            windows = images.detach().unfold(2, size[0], strides[0]).unfold(3, size[1], strides[1]).flatten(-2)
            first, second = windows.topk(2, -1).values.unbind(-1)
            self.see((first - second)[second > -math.inf], x)
        return F.max_pool2d(images, size, strides).permute(0, 2, 3, 1)

    def forward(self, x):
        """Logits [n, classes]: the closing softmax is the loss' part."""
        for index, (kind, config) in enumerate(self.network):
            if kind == "Conv2D":
                x = self.conv2d(x, config)
            elif kind == "Dense":
                x = self.dense(x, config)
            elif kind == "MaxPooling2D":
                x = self.max_pooling2d(x, config)
            elif kind == "Flatten":
                x = x.flatten(1)
            elif kind == "Dropout" and self.masks is not None:
                x = x * self.masks.pop(0).reshape(x.shape) / (1 - config["rate"])
            if "activation" in config and index < len(self.network) - 1:
                x = self.activate(x, config["activation"])
        return x


def compute(ask, dtype):
    network = [(layer["className"], layer["config"]) for layer in ask["layers"]]
    weights = [decode(weight["data"], torch.float32).reshape(weight["shape"]).to(dtype).requires_grad_() for weight in ask["weights"]]
    x = decode(ask["x"], torch.uint8 if ask["bytes"] else torch.float32).to(dtype)
    x = (x / 255 if ask["bytes"] else x).reshape([-1] + ask["inputShape"])
    targets = decode(ask["targets"], torch.float32).to(dtype).reshape(x.shape[0], -1)
    masks = [decode(mask, torch.uint8).to(dtype) for mask in ask["masks"]]

    def loss_of(logits):
        return -(targets * torch.log_softmax(logits, -1)).sum(-1).mean()

    with torch.no_grad():
        logits = Run(network, weights, None).forward(x)
    training = Run(network, weights, masks)
    training_loss = loss_of(training.forward(x))
    training_loss.backward()
    tensors = [torch.softmax(logits, -1), loss_of(logits), training_loss] + [weight.grad for weight in weights]
    return tensors, training.margin


def adam(ask):
    """The weights after a step with each of the gradients in `gradients`."""
    options = ask["adam"]
    weights = [decode(weight["data"], torch.float32).double().requires_grad_() for weight in ask["weights"]]
    optimizer = torch.optim.Adam(weights, lr=float(options["learningRate"]), betas=(float(options["beta1"]), float(options["beta2"])))
    for t, gradients in enumerate(ask["gradients"], 1):
        # Keras adds epsilon to sqrt(v), torch to sqrt(v / (1 - beta2^t)).
        optimizer.param_groups[0]["eps"] = options["epsilon"] / math.sqrt(1 - options["beta2"] ** t)
        for weight, gradient in zip(weights, gradients):
            weight.grad = decode(gradient, torch.float32).double()
        optimizer.step()
    return weights


print(json.dumps({"torch": torch.__version__}), flush=True)
for line in sys.stdin:
    ask = json.loads(line)
    exact, margin = compute(ask, torch.float64)
    single, _ = compute(ask, torch.float32)
    errors = [float((a - b).detach().abs().max()) if a.numel() > 0 else 0.0 for a, b in zip(exact, single)]
    answer = {"margin": min(margin, 1e30), "tensors": [encode(tensor) for tensor in exact], "float32Errors": errors, "weights": [encode(weight) for weight in adam(ask)]}
    print(json.dumps(answer), flush=True)
