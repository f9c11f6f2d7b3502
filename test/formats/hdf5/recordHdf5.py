"""Records small HDF5 files of h5py, compressed: python test/formats/hdf5/recordHdf5.py > test/formats/hdf5/hdf5.json (needs h5py and ml_dtypes)."""

import base64
import json
import os
import sys
import tempfile
import zlib

import h5py
import ml_dtypes
import numpy as np


def record(fill, **options):
    path = os.path.join(tempfile.mkdtemp(), "a.h5")
    with h5py.File(path, "w", **options) as file:
        fill(file)
    with open(path, "rb") as file:
        return base64.b64encode(zlib.compress(file.read(), 9)).decode()


values = (np.arange(30, dtype="f4") - 7).reshape(2, 3, 5) / 8
whole = np.arange(30).reshape(2, 3, 5)


def numbers(file):
    for kind in ["<f4", ">f4", "<f8", "<f2", ">f2"]:
        file[kind] = values.astype(kind)
    for kind in ["<i8", ">i4", "<u2", "|u1", "|i1"]:
        file[kind] = whole.astype(kind)
    file["bfloat16"] = values.astype(ml_dtypes.bfloat16)
    file["bfloat16"].attrs["dtype"] = "bfloat16"
    file["large"] = np.int64(12345678901234)
    file["none"] = np.zeros([0, 3], "f4")


def texts(file):
    file.attrs["any"] = "grüß"
    file.attrs["empty"] = ""
    file.attrs["fixed"] = np.bytes_("hello")
    file.attrs["list"] = np.array([b"a", b"bcd"])
    file.attrs["anyList"] = np.array(["x", "yy"], dtype=h5py.string_dtype())
    file.attrs["numbers"] = np.arange(3.0)
    file.attrs["number"] = 4
    file.attrs["nothing"] = h5py.Empty("f4")
    file["text"] = "hello"


def compressed(file):
    file.create_dataset("plain", data=values, chunks=(1, 2, 3))
    file.create_dataset("gzip", data=values, chunks=(2, 2, 2), compression="gzip", shuffle=True, fletcher32=True)
    file.create_dataset("lzf", data=values, compression="lzf")
    file.create_dataset("partly", shape=(4, 4), chunks=(2, 2), dtype="f4")[:2] = 1


def small(file):
    file["group/inner/values"] = values
    file["group"].attrs["name"] = "conv2d"


def many(file):
    for i in range(9):
        file[f"number{i}"] = i


json.dump(
    {
        "versions": f"h5py {h5py.__version__}, HDF5 {h5py.version.hdf5_version}",
        "numbers": record(numbers),
        "texts": record(texts),
        "compressed": record(compressed),
        "small": record(small),
        "latest": record(small, libver="latest"),
        "v108": record(small, libver=("v108", "v108")),
        "dense": record(many, libver="latest"),
        "userBlock": record(small, userblock_size=512),
    },
    sys.stdout,
    indent=2,
)
print()
