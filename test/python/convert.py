"""Files of torch.save() for convert.test.ts.
    convert.py hostile FOLDER    needs no torch: pickles that would run a program that makes FOLDER/ran, in both forms
    convert.py save FOLDER       tensors of all types in both forms, plain, and as a training script wraps them
    convert.py compare FOLDER    with what convert.py of the project made of them
"""
import collections
import os
import pickle
import sys
import zipfile

command, folder = sys.argv[1:]


class Hostile:
    def __reduce__(self):
        return (os.system, (f"touch {folder}/ran",))


def write_zip(name, found):
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(found, 2))
        archive.writestr("archive/byteorder", "little")


if command == "hostile":
    write_zip("hostile.zip.pth", collections.OrderedDict(a=Hostile()))
    write_zip("none.zip.pth", {"epoch": 3})
    with open(os.path.join(folder, "hostile.pth"), "wb") as file:
        for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, {"a": Hostile()}):
            pickle.dump(part, file, 2)
else:
    import torch

    torch.manual_seed(0)
    a = torch.randn(4, 5, 6)
    tensors = {
        **{"transposed": a.transpose(0, 2), "part": a[1:, 2:4], "parameter": torch.nn.Parameter(a), "empty": torch.zeros(0, 3)},
        **{"half": a.half(), "brain": a.bfloat16(), "double": a.double(), "count": torch.tensor(5), "flags": torch.tensor([True, False])},
    }
    wrapped = {"state_dict": {f"module.{name}": value for name, value in tensors.items()}, "epoch": 3}
    cases = {(form, wrap): wrapped if wrap else tensors for form in ("zip", "legacy") for wrap in (False, True)}
    for (form, wrap), found in cases.items():
        path = os.path.join(folder, f"{form}-{wrap}.pth")
        if command == "save":
            torch.save(found, path, _use_new_zipfile_serialization=form == "zip")
        else:
            from safetensors.torch import load_file

            read = load_file(path + ".safetensors")
            assert set(read) == set(tensors)
            for name, value in tensors.items():
                assert torch.equal(read[name], value) and read[name].dtype == value.dtype, name
    print("\n".join(f"{form}-{wrap}.pth" for form, wrap in cases))
