"""PyTorch in the question of fine-tuning (../fineTune.ts): torchvision's MobileNetV2, a head on features that are computed once, then an epoch of all layers a round."""
import json, resource, sys, time

# A package that torchvision imports looks for one called pytorch, and would find pytorch.py of this folder.
sys.path.pop(0)
import numpy as np
import torch
from torch import nn
from torchvision.models import mobilenet_v2

task = json.loads(sys.argv[1])
torch.set_num_threads(task["threads"])
torch.manual_seed(task["seed"])
mean, std = (torch.tensor(task[name]).view(1, 3, 1, 1) for name in ("mean", "std"))


def say(answer):
    print(json.dumps(answer), flush=True)


def read(images, labels):
    y = torch.from_numpy(np.fromfile(task[labels], np.uint8).astype(np.int64))
    pixels = np.fromfile(task[images], np.uint8).reshape(len(y), task["side"], task["side"], 3)
    # Bytes, of which a batch at a time becomes floats. [n, channels, height, width] that lie as they came: channels_last.
    return torch.from_numpy(pixels).permute(0, 3, 1, 2), y


def floats(x):
    return ((x.float() / 255 - mean) / std).contiguous(memory_format=torch.channels_last)


def state_dict():
    data = open(task["stateDict"], "rb").read()
    start = 8 + int.from_bytes(data[:8], "little")
    entries = json.loads(data[8:start])
    entries.pop("__metadata__", None)
    of = lambda entry: np.frombuffer(data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]], np.float32)
    return {name: torch.from_numpy(of(entry).copy().reshape(entry["shape"])) for name, entry in entries.items()}


net = mobilenet_v2(num_classes=task["classes"])
missing, unexpected = net.load_state_dict(state_dict(), strict=False)
assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)
# As in wasm-cnn's model: no dropout before the last layer.
net.classifier = net.classifier[1]
net = net.to(memory_format=torch.channels_last)
train, test = read("images", "labels"), read("testImages", "testLabels")
size = task["batchSize"]
seconds = 0.0


def features(x):
    with torch.inference_mode():
        return torch.cat([nn.functional.adaptive_avg_pool2d(net.features(floats(part)), 1).flatten(1) for part in x.split(64)])


def epoch(forward, optimizer, x, y):
    order = torch.randperm(len(y))
    for batch in order.split(size):
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(forward(x[batch]), y[batch]).backward()
        optimizer.step()


def adam(parameters, rate):
    return torch.optim.Adam(list(parameters), lr=rate, eps=task["epsilon"], fused=True)


def tuned():
    net.eval()
    with torch.inference_mode():
        logits, y = torch.cat([net(floats(x)) for x in test[0].split(64)]), test[1]
        loss, right = nn.functional.cross_entropy(logits, y).item(), (logits.argmax(1) == y).sum().item()
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"accuracy": right / len(y), "loss": loss, "seconds": seconds, "peakBytes": peak}


net.eval()
began = time.perf_counter()
# A clone may be trained on, which what inference_mode gives may not.
known = features(train[0]).clone()
head = adam(net.classifier.parameters(), task["rates"]["head"])
for _ in range(task["headEpochs"]):
    epoch(net.classifier, head, known, train[1])
seconds = time.perf_counter() - began
ready = tuned()
say(ready)

norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
for norm in norms:
    norm.requires_grad_(False)
everything = adam((each for each in net.parameters() if each.requires_grad), task["rates"]["all"])
seconds, done = 0.0, 0
for _ in sys.stdin:
    net.train()
    for norm in norms:
        norm.eval()
    began = time.perf_counter()
    epoch(lambda x: net(floats(x)), everything, *train)
    seconds += time.perf_counter() - began
    done += 1
    say({**ready, "seconds": seconds} if done < task["epochs"] else tuned())
