"""Records what torchvision's MobileNetV2 and EfficientNet-Lite0 with ImageNet weights say of one made picture, in float64. Writes pretrained.json,
which test/node/files/pretrained.test.ts compares with where `npm run weights` has been called. Takes the pickles of the two packages that
src/node/files/pretrained.ts names, and a Python as recordTorchNetworks.py does:

    torch/bin/python test/golden/recordPretrained.py mobilenet_v2-b0353104.pth efficientnet-lite0-57934424.pth

The picture is 224 × 224: channel c of pixel (y, x) is ((x + 2 y) >> (c + 1)) ^ ((3 x - y) >> 2) & 255.
"""
import json
import os
import sys

import numpy as np
import timm
import torch
import torchvision

SIDE = 224
y, x, c = np.ogrid[:SIDE, :SIDE, :3]
PICTURE = ((((x + 2 * y) >> (c + 1)) ^ ((3 * x - y) >> 2)) & 255).astype(np.float64)


def probabilities(model, mean, std):
    model.double().eval()
    pixels = torch.from_numpy((PICTURE / 255 - np.array(mean)) / np.array(std)).permute(2, 0, 1)[None]
    with torch.no_grad():
        return [float(f"{p:.9g}") for p in torch.softmax(model(pixels), 1)[0]]


mobile_path, lite_path = sys.argv[1:]
mobile = torchvision.models.mobilenet_v2()
mobile.load_state_dict(torch.load(mobile_path, weights_only=True))
lite = timm.create_model("tf_efficientnet_lite0")
# EfficientNet-PyTorch has the same tensors in the same order, under other names.
given = torch.load(lite_path, weights_only=True)
assert [value.shape for value in given.values()] == [value.shape for value in lite.state_dict().values()]
lite.load_state_dict(dict(zip(lite.state_dict(), given.values())))
recorded = {
    "mobileNetV2": probabilities(mobile, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    "efficientNetLite0": probabilities(lite, [127 / 255] * 3, [128 / 255] * 3),
}
for name, values in recorded.items():
    top = sorted(range(1000), key=lambda i: -values[i])[:5]
    print(name, [(i, round(values[i], 4)) for i in top])
with open(os.path.join(os.path.dirname(__file__), "pretrained.json"), "w") as file:
    json.dump(recorded, file)
    file.write("\n")
