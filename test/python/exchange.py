# Writes and reads safetensors files with Python's own library, for safetensors.test.ts.
#   exchange.py write FILE    writes some tensors, and tells them
#   exchange.py read FILE     tells what a file holds
#   exchange.py copy FROM TO  reads a file and writes it again
# Told are JSON objects on stdout: metadata, and for each tensor its shape and the bytes of its float32 in hexadecimal.
import json
import sys

import numpy
from safetensors import safe_open
from safetensors.numpy import load_file, save_file


def tell(tensors, metadata):
    described = {name: {"shape": list(array.shape), "bytes": array.astype("<f4").tobytes().hex()} for name, array in tensors.items()}
    print(json.dumps({"metadata": metadata, "tensors": described}))


def read(path):
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata() or {}
    return load_file(path), metadata


command, path, *rest = sys.argv[1:]
if command == "write":
    tensors = {
        "dense/kernel": (numpy.arange(12, dtype="float32").reshape(3, 4) - 5) / 7,
        "dense/bias": numpy.array([0.0, -0.0, 1e-45, -3.4e38], dtype="float32"),
        "scalar": numpy.array(2.5, dtype="float32"),
        "nothing": numpy.zeros((0, 3), dtype="float32"),
        "Größe \U0001f600 \"quoted\" \\ \u2028": numpy.array([1.0], dtype="float32"),
        "__proto__": numpy.array([7.0], dtype="float32"),
        "1": numpy.array([[[8.0]]], dtype="float32"),
    }
    metadata = {"format": "np", "empty": "", "Schlüssel": "Wert \U0001f600\n", "__proto__": "text"}
    save_file(tensors, path, metadata)
    tell(tensors, metadata)
elif command == "read":
    tell(*read(path))
elif command == "copy":
    tensors, metadata = read(path)
    save_file(tensors, rest[0], metadata)
