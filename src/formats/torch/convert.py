#!/usr/bin/env python3
"""A .pth, .pt or .bin file of PyTorch as safetensors, which wasm-cnn reads. Needs nothing but Python 3.8.

    python3 convert.py model.pth model.safetensors

A pickle is a program. This one is run by an unpickler that knows tensors, their storages and dictionaries, and refuses all else before
it is called; it reads both forms of torch.save(), the zip archive and the one before PyTorch 1.6. Tensors keep their type and their bits.
"""
import collections
import json
import pickle
import struct
import sys
import zipfile

# torch's name of a storage: the name in safetensors, and the bytes of an element.
TYPES = {
    "DoubleStorage": ("F64", 8),
    "FloatStorage": ("F32", 4),
    "HalfStorage": ("F16", 2),
    "BFloat16Storage": ("BF16", 2),
    "LongStorage": ("I64", 8),
    "IntStorage": ("I32", 4),
    "ShortStorage": ("I16", 2),
    "CharStorage": ("I8", 1),
    "ByteStorage": ("U8", 1),
    "BoolStorage": ("BOOL", 1),
}
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
# Where training scripts put the weights in what they save.
WRAPPINGS = ("state_dict", "model", "model_state_dict", "net", "state_dict_ema", "model_ema")


class Refused(Exception):
    """What is told in one sentence."""


class Storage:
    def __init__(self, kind, elements):
        self.kind, self.elements, self.data = kind, elements, b""


class Tensor:
    def __init__(self, storage, offset, shape, strides):
        self.storage, self.offset, self.shape, self.strides = storage, offset, tuple(shape), tuple(strides)


def rebuild_tensor(storage, offset, shape, strides, *_):
    return Tensor(storage, offset, shape, strides)


def rebuild_parameter(tensor, *_):
    return tensor


class StorageKind:
    def __init__(self, name):
        self.name = name


class Unpickler(pickle.Unpickler):
    """Makes tensors and dictionaries, and nothing else."""

    def __init__(self, file):
        super().__init__(file, encoding="utf-8")
        self.storages = {}

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module == "torch._utils" and name in ("_rebuild_tensor", "_rebuild_tensor_v2"):
            return rebuild_tensor
        if module == "torch._utils" and name == "_rebuild_parameter":
            return rebuild_parameter
        if module in ("torch", "torch.cuda", "torch.storage") and name in TYPES:
            return StorageKind(name)
        raise Refused(
            f"it holds {module}.{name}, and only tensors are read; save model.state_dict() instead of the model or the optimizer"
        )

    def persistent_load(self, given):
        if not (isinstance(given, tuple) and len(given) >= 5 and given[0] == "storage" and isinstance(given[1], StorageKind)):
            raise Refused("it has a storage of another kind than tensors have; save model.state_dict()")
        _, kind, key, _, elements, *view = given
        if view and view[0] is not None:
            raise Refused("its storages are views of others; save it again with PyTorch 1.6 or later")
        if not isinstance(elements, int) or elements < 0:
            raise Refused("a storage has no size; it is damaged")
        return self.storages.setdefault(str(key), Storage(kind.name, elements))


def read_zip(path):
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(names) != 1:
            raise Refused("it is a zip archive without a data.pkl, so not of torch.save()")
        folder = names[0][: -len("data.pkl")]
        if f"{folder}byteorder" in archive.namelist() and archive.read(f"{folder}byteorder") != b"little":
            raise Refused("it was saved on a big-endian machine; save it on another one")
        with archive.open(names[0]) as file:
            unpickler = Unpickler(file)
            found = unpickler.load()
        for key, storage in unpickler.storages.items():
            entry = archive.getinfo(f"{folder}data/{key}")
            if entry.file_size != size_of(storage) or entry.compress_type != zipfile.ZIP_STORED:
                raise Refused(f"storage {key} has {entry.file_size} bytes, {size_of(storage)} are needed, as they are; it is damaged")
            storage.data = archive.read(entry)
    return found


def read_legacy(path):
    with open(path, "rb") as file:
        if Unpickler(file).load() != LEGACY_MAGIC:
            raise Refused("it is no file of torch.save()")
        Unpickler(file).load()
        if Unpickler(file).load().get("little_endian") is not True:
            raise Refused("it was saved on a big-endian machine; save it on another one")
        unpickler = Unpickler(file)
        found = unpickler.load()
        for key in Unpickler(file).load():
            storage = unpickler.storages[str(key)]
            (elements,) = struct.unpack("<q", file.read(8))
            storage.data = file.read(size_of(storage))
            if elements != storage.elements or len(storage.data) != size_of(storage):
                raise Refused(f"storage {key} ends early; it is damaged")
    return found


def size_of(storage):
    return storage.elements * TYPES[storage.kind][1]


def contents(name, tensor):
    """The tensor's bytes, in row-major order."""
    _, size = TYPES[tensor.storage.kind]
    shape, strides, offset = tensor.shape, tensor.strides, tensor.offset
    numbers = (offset, *shape, *strides)
    if len(shape) != len(strides) or not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise Refused(f"{name} has no shape; it is damaged")
    count = 1
    for length in shape:
        count *= length
    last = offset + sum((length - 1) * stride for length, stride in zip(shape, strides)) if count else offset
    if count and (last >= tensor.storage.elements or count > tensor.storage.elements * 64):
        raise Refused(f"{name} reaches beyond its storage; it is damaged")
    dense = 1
    contiguous = True
    for length, stride in zip(reversed(shape), reversed(strides)):
        contiguous = contiguous and (length == 1 or stride == dense)
        dense *= length
    data = tensor.storage.data
    if contiguous or not count:
        return data[offset * size : (offset + count) * size]
    at = [offset]
    for length, stride in zip(shape, strides):
        at = [start + i * stride for start in at for i in range(length)]
    return b"".join(data[start * size : (start + 1) * size] for start in at)


def state_dict(found):
    """The tensors by their names, out of what training scripts put around them."""
    for _ in range(3):
        if isinstance(found, dict) and not any(isinstance(value, Tensor) for value in found.values()):
            found = next((found[key] for key in WRAPPINGS if isinstance(found.get(key), dict)), found)
    tensors = {name: value for name, value in found.items() if isinstance(value, Tensor)} if isinstance(found, dict) else {}
    if not tensors:
        raise Refused("it holds no state dict; save model.state_dict()")
    if all(name.startswith("module.") for name in tensors):
        tensors = {name[len("module.") :]: value for name, value in tensors.items()}
    return tensors


def convert(path):
    """The safetensors file, in parts."""
    with open(path, "rb") as file:
        is_zip = file.read(4) == b"PK\x03\x04"
    tensors = state_dict((read_zip if is_zip else read_legacy)(path))
    header = {"__metadata__": {"format": "pt"}}
    parts, end = [], 0
    for name, tensor in tensors.items():
        data = contents(name, tensor)
        header[name] = {
            "dtype": TYPES[tensor.storage.kind][0],
            "shape": list(tensor.shape),
            "data_offsets": [end, end + len(data)],
        }
        parts.append(data)
        end += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return [struct.pack("<Q", len(text)), text, *parts]


def main(arguments):
    if len(arguments) != 2:
        sys.exit("usage: python3 convert.py model.pth model.safetensors")
    path, to = arguments
    try:
        parts = convert(path)
    except Refused as refusal:
        sys.exit(f"{path}: {refusal}")
    except (pickle.UnpicklingError, zipfile.BadZipFile, EOFError, KeyError, struct.error, UnicodeDecodeError, ValueError, TypeError,
            AttributeError, IndexError, OverflowError, MemoryError) as error:
        sys.exit(f"{path}: it is damaged or no file of torch.save() ({type(error).__name__}: {error})")
    with open(to, "wb") as file:
        file.writelines(parts)


if __name__ == "__main__":
    main(sys.argv[1:])
