# Writes and reads safetensors files with Python's own library, for safetensors.test.ts.
#   exchange.py write FILE    writes some tensors, and tells them
#   exchange.py read FILE     tells what a file holds
#   exchange.py copy FROM TO  reads a file and writes it again
#   exchange.py change FROM TO METADATA  adds 1 to every weight of dense/bias, with the metadata as they were ('kept'), or without the
#                             checksum ('without'), or with the one of the new contents ('new')
# Told are JSON objects on stdout: metadata, and for each tensor its shape and the bytes of its float32 in hexadecimal.
import json
import sys
import zlib

import numpy
from safetensors import safe_open
from safetensors.numpy import load_file, save_file


def tell(tensors, metadata):
    described = {name: {"shape": list(array.shape), "bytes": array.astype("<f4").tobytes().hex()} for name, array in tensors.items()}
    print(json.dumps({"metadata": metadata, "tensors": described}))


def checksum(tensors, metadata):
    """As src/formats/checksum.ts says."""
    order = lambda entry: entry[0].encode("utf-16-be")
    crc = 0
    for key, value in sorted(metadata.items(), key=order):
        if key != "checksum":
            crc = zlib.crc32(f"{key}\0{value}\0".encode(), crc)
    for name, array in sorted(tensors.items(), key=order):
        crc = zlib.crc32(f"{name}\0F32\0{','.join(map(str, array.shape))}\0".encode(), crc)
        crc = zlib.crc32(array.astype("<f4").tobytes(), crc)
    return f"{crc:08x}"


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
elif command == "change":
    tensors, metadata = read(path)
    to, how = rest
    tensors["dense/bias"] = tensors["dense/bias"] + numpy.float32(1)
    if how == "without":
        del metadata["checksum"]
    elif how == "new":
        metadata["checksum"] = checksum(tensors, metadata)
    save_file(tensors, to, metadata)
