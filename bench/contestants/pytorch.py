"""PyTorch in both questions (see ../contestant.ts), as fast as it gets on a CPU: channels_last for batches, Adam in one call, torch.compile where the task says so, and, set from outside, a malloc that keeps its memory."""
import base64, copy, json, statistics, sys, time
import numpy as np
import torch
from torch import nn

task = json.loads(sys.argv[1])
torch.set_num_threads(task["threads"])
torch.manual_seed(0)


def say(answer):
    print(json.dumps(answer), flush=True)


def conv(inputs, outputs, **options):
    return [nn.Conv2d(inputs, outputs, 3, **options), nn.ReLU()]


def convolve(inputs, outputs, size, strides=1, groups=1):
    return [nn.Conv2d(inputs, outputs, size, strides, size // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]


class Residual(nn.Module):
    """ResNet's basic block, with a 1 x 1 convolution beside it where the shape changes."""

    def __init__(self, inputs, outputs, strides):
        super().__init__()
        self.body = nn.Sequential(*convolve(inputs, outputs, 3, strides), nn.ReLU(), *convolve(outputs, outputs, 3))
        self.skip = nn.Sequential(*([] if strides == 1 else convolve(inputs, outputs, 1, strides)))

    def forward(self, x):
        return torch.relu(self.body(x) + self.skip(x))


class Inverted(nn.Module):
    """MobileNetV2's block."""

    def __init__(self, inputs, outputs, strides, expansion):
        super().__init__()
        wide = inputs * expansion
        up = [*convolve(inputs, wide, 1), nn.ReLU6()] if expansion > 1 else []
        self.body = nn.Sequential(*up, *convolve(wide, wide, 3, strides, wide), nn.ReLU6(), *convolve(wide, outputs, 1))
        self.has_skip = inputs == outputs and strides == 1

    def forward(self, x):
        return x + self.body(x) if self.has_skip else self.body(x)


def mobilenet():
    """Width 0.35. Rows: expansion, channels, blocks, stride of the first."""
    rows = [(1, 8, 1, 1), (6, 8, 2, 2), (6, 16, 3, 2), (6, 24, 4, 2), (6, 32, 3, 1), (6, 56, 3, 2), (6, 112, 1, 1)]
    inputs, blocks = 16, []
    for expansion, outputs, count, first in rows:
        for block in range(count):
            blocks.append(Inverted(inputs, outputs, first if block == 0 else 1, expansion))
            inputs = outputs
    return [*convolve(3, 16, 3, 2), nn.ReLU6(), *blocks, *convolve(inputs, 1280, 1), nn.ReLU6(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 10)]


def network(name):
    if name == "reference":
        body = [*conv(1, 32), nn.MaxPool2d(2), *conv(32, 64), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10)]
    elif name == "classic":
        body = [*conv(1, 32), *conv(32, 64), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)]
    elif name == "strided":
        same, half = {"padding": 1}, {"padding": 1, "stride": 2}
        body = [*conv(1, 32, **same), *conv(32, 32, **half), *conv(32, 64, **same), *conv(64, 64, **half), nn.Flatten(), nn.Linear(3136, 10)]
    elif name == "resnet20":
        sizes = [(16, 16, 1)] * 3 + [(16, 32, 2)] + [(32, 32, 1)] * 2 + [(32, 64, 2)] + [(64, 64, 1)] * 2
        body = [*convolve(3, 16, 3), nn.ReLU(), *(Residual(*size) for size in sizes), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    else:
        body = mobilenet()
    return nn.Sequential(*body).to(memory_format=torch.channels_last)


def images(height, width, channels):
    pixels = np.fromfile(task["images"], np.uint8).reshape(-1, height, width, channels)
    # [n, channels, height, width] whose bytes lie as they came: channels_last.
    return torch.from_numpy(pixels.astype(np.float32) / 255).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


def training():
    net = network(task["network"])
    optimizer = torch.optim.Adam(net.parameters(), fused=True)
    call = torch.compile(net) if task["compile"] else net
    x, y = images(*task["shape"]), torch.from_numpy(np.fromfile(task["labels"], np.uint8).astype(np.int64))
    size = task["batchSize"]
    # Shuffled once, so that a batch is a view.
    order = torch.randperm(len(x))
    x, y = x[order].contiguous(memory_format=torch.channels_last), y[order]
    start = 0

    def step():
        nonlocal start
        batch = slice(start, start + size)
        start = (start + size) % len(x)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=task["bfloat16"]):
            loss = nn.functional.cross_entropy(call(x[batch]), y[batch])
        loss.backward()
        optimizer.step()
        return loss.detach()

    def round():
        began = time.perf_counter()
        elapsed, steps, losses = 0, 0, 0
        while elapsed < task["seconds"]:
            losses += step()
            steps += 1
            elapsed = time.perf_counter() - began
        return {"samplesPerSecond": steps * size / elapsed, "loss": losses.item() / steps}

    return {"loss": step().item()}, round


def read_model(net):
    """Takes wasm-cnn's weights: kernels [h, w, in, out] become [out, in, h, w], and the flattened order h, w, channel becomes channel, h, w."""
    data = open(task["model"], "rb").read()
    start = 8 + int.from_bytes(data[:8], "little")
    entries = json.loads(data[8:start])

    def tensor(name):
        begin, end = entries[name]["data_offsets"]
        return np.frombuffer(data[start + begin : start + end], np.float32).reshape(entries[name]["shape"])

    kernels = [
        tensor("conv2d/kernel").transpose(3, 2, 0, 1),
        tensor("conv2d_1/kernel").transpose(3, 2, 0, 1),
        tensor("dense/kernel").reshape(5, 5, 64, 128).transpose(3, 2, 0, 1).reshape(128, 1600),
        tensor("dense_1/kernel").T,
    ]
    layers = [layer for layer in net if hasattr(layer, "weight")]
    for layer, kernel, name in zip(layers, kernels, ["conv2d", "conv2d_1", "dense", "dense_1"]):
        layer.weight.data.copy_(torch.from_numpy(kernel.copy()))
        layer.bias.data.copy_(torch.from_numpy(tensor(f"{name}/bias").copy()))


def inference():
    net = nn.Sequential(network("reference"), nn.Softmax(1)).eval()
    read_model(net[0])
    x = images(28, 28, 1)
    # One image alone is faster in the plain order.
    calls = {1: (copy.deepcopy(net).to(memory_format=torch.contiguous_format), x[:1].contiguous()), 1000: (net, x)}

    def median_time(count):
        net, x = calls[count]
        times = []
        end = time.perf_counter() + task["seconds"]
        while time.perf_counter() < end:
            began = time.perf_counter()
            net(x)
            times.append(time.perf_counter() - began)
        return statistics.median(times)

    def round():
        return {"milliseconds": 1000 * median_time(1), "samplesPerSecond": 1000 / median_time(1000)}

    torch.set_grad_enabled(False)
    return {"probabilities": base64.b64encode(net(x).numpy().tobytes()).decode()}, round


ready, round = training() if "network" in task else inference()
say(ready)
for _ in sys.stdin:
    say(round())
