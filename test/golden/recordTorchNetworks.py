"""Records what torchvision and timm make of weights that are made from integers alone: the names and shapes of each state dict as a hash,
and logits of two images in float64. Writes torchNetworks.json, which test/formats/torch/networks.test.ts compares loadTorch() with.

    python3 -m venv torch && torch/bin/pip install torch torchvision timm
    torch/bin/python test/golden/recordTorchNetworks.py     # half a minute

Tensor NAME is the stream makeKey(7, 1, CRC-32 of NAME), u = (bits >>> 8) / 2^24, s = 2u - 1, in f32: s · sqrt(gain / fan in) for a kernel, 1 + s / 4 for
the weight and the running variance of a batch normalization, s / 10 else. Pixels are inputs.py's make_noise(7, example) / 255.

EfficientNet-PyTorch's tensors are those of timm's tf_efficientnet_lite0 in the same order, under names of its own.
"""
import hashlib
import json
import math
import os
import re
import zlib

import numpy as np
import timm
import torch
import torchvision

from inputs import WEIGHTS, make_key, make_noise, random_bits

SEED, CLASSES, SIDE, EXAMPLES = 7, 5, 64, 2
STAGES = [1, 2, 2, 3, 3, 4, 1]


def tensor(name, shape, gain):
    u = (random_bits(make_key(SEED, WEIGHTS, zlib.crc32(name.encode())), math.prod(shape)) >> 8) / 2**24
    s = 2 * u - 1
    if len(shape) > 1:
        s = s * math.sqrt(gain / math.prod(shape[1:]))
    elif name.endswith(("weight", "running_var")):
        s = 1 + s / 4
    else:
        s = s / 10
    return torch.from_numpy(s.astype(np.float32).reshape(shape))


def lukemelas(name):
    """Of timm's name."""
    name = re.sub(r"^conv_stem", "_conv_stem", name)
    name = re.sub(r"^conv_head", "_conv_head", name)
    name = re.sub(r"^classifier", "_fc", name)
    name = re.sub(r"^bn(\d)", lambda found: f"_bn{int(found[1]) - 1}", name)
    block = re.match(r"blocks\.(\d)\.(\d)\.(\w+)\.(.*)", name)
    if not block:
        return name
    stage, number, part, rest = int(block[1]), int(block[2]), block[3], block[4]
    if part.startswith("bn"):
        part = f"_bn{int(part[2]) - (1 if stage > 0 else 0)}"
    else:
        parts = {"conv_pw": "_expand_conv" if stage > 0 else "_project_conv", "conv_dw": "_depthwise_conv", "conv_pwl": "_project_conv"}
        part = parts[part]
    return f"_blocks.{sum(STAGES[:stage]) + number}.{part}.{rest}"


def record(model, gain=6, rename=lambda name: name):
    state = {name: tuple(value.shape) for name, value in model.state_dict().items() if not name.endswith("num_batches_tracked")}
    named = {rename(name): shape for name, shape in state.items()}
    model.load_state_dict({name: tensor(rename(name), shape, gain) for name, shape in state.items()}, strict=False)
    model.double().eval()
    x = np.stack([make_noise(SEED, example, (SIDE, SIDE, 3)) for example in range(EXAMPLES)]).astype(np.float64) / 255
    with torch.no_grad():
        logits = model(torch.from_numpy(x).permute(0, 3, 1, 2))
    lines = sorted(f"{name} {','.join(map(str, shape))}\n" for name, shape in named.items())
    return {
        "tensors": len(named),
        "gain": gain,
        "names": hashlib.sha256("".join(lines).encode()).hexdigest(),
        "probabilities": torch.softmax(logits, 1).flatten().tolist(),
        "norm": logits.norm().item(),
    }


makers = {
    **{f"torchvision/{name}": lambda name=name: getattr(torchvision.models, name)(num_classes=CLASSES) for name in ("mobilenet_v2", "resnet18", "resnet50")},
    **{
        f"timm/{name}": lambda name=name: timm.create_model(name, num_classes=CLASSES)
        for name in ("mobilenetv2_050", "mobilenetv2_100", "mobilenetv2_140", "resnet18", "resnet50", "efficientnet_lite0", "tf_efficientnet_lite0")
    },
}
GAINS = {"resnet18": 2, "resnet50": 1.5}
recorded = {name: record(make(), GAINS.get(name.split("/")[1], 6)) for name, make in makers.items()}
recorded["lukemelas/efficientnet-lite0"] = record(makers["timm/tf_efficientnet_lite0"](), rename=lukemelas)
for name, each in recorded.items():
    print(name, each["tensors"], each["norm"], [round(p, 4) for p in each["probabilities"]])
versions = {package.__name__: package.__version__.split("+")[0] for package in (torch, torchvision, timm)}
path = os.path.join(os.path.dirname(__file__), "torchNetworks.json")
with open(path, "w") as file:
    json.dump({"versions": versions, "classes": CLASSES, "side": SIDE, "networks": recorded}, file, indent=1)
    file.write("\n")
