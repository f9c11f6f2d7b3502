"""PyTorch in both questions (see ../contestant.ts), as fast as it gets on a CPU: channels_last for batches, and, set from outside, a malloc that keeps its memory."""
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


def network(name):
    if name == "reference":
        body = [*conv(1, 32), nn.MaxPool2d(2), *conv(32, 64), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10)]
    elif name == "classic":
        body = [*conv(1, 32), *conv(32, 64), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)]
    else:
        same, half = {"padding": 1}, {"padding": 1, "stride": 2}
        body = [*conv(1, 32, **same), *conv(32, 32, **half), *conv(32, 64, **same), *conv(64, 64, **half), nn.Flatten(), nn.Linear(3136, 10)]
    return nn.Sequential(*body).to(memory_format=torch.channels_last)


def images():
    pixels = np.fromfile(task["images"], np.uint8).reshape(-1, 1, 28, 28)
    return torch.from_numpy(pixels.astype(np.float32) / 255).contiguous(memory_format=torch.channels_last)


def training():
    net = network(task["network"])
    optimizer = torch.optim.Adam(net.parameters())
    x, y = images(), torch.from_numpy(np.fromfile(task["labels"], np.uint8).astype(np.int64))
    size = task["batchSize"]
    order = torch.randperm(len(x))
    start = 0

    def step():
        nonlocal start
        batch = order[start : start + size]
        start = (start + size) % len(x)
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(net(x[batch].contiguous(memory_format=torch.channels_last)), y[batch])
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
    x = images()
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
