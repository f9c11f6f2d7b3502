# Writes numpy.json: files that NumPy itself saved, in base64. NumPy 2.4.6: python recordNumpy.py > numpy.json
import base64
import io
import json

import numpy as np

x = np.arange(2 * 3 * 2 * 3, dtype=np.uint8).reshape(2, 3, 2, 3)
y = np.array([1, 0], dtype=np.int64)
saves = {
    'savez': lambda to: np.savez(to, x_train=x, y_train=y, x_test=x[:1], y_test=y[:1]),
    'savez_compressed': lambda to: np.savez_compressed(to, x_train=x, y_train=y, x_test=x[:1], y_test=y[:1]),
    'fortran': lambda to: np.save(to, np.asfortranarray(x.astype('>f4'))),
    'objects': lambda to: np.savez(to, x=np.array([{'a': 1}, 2], dtype=object), y=y),
}
files = {}
for name, save in saves.items():
    to = io.BytesIO()
    save(to)
    files[name] = base64.b64encode(to.getvalue()).decode()
print(json.dumps(files, indent=2))
