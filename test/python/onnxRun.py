# Checks ONNX files by onnx.checker and runs them by onnxruntime, for onnx.test.ts. A JSON object a line on stdin, {"model", "inputs"}: the
# file's bytes, and for each input its shape and the bytes of its float32, all in base64. A line on stdout for each: {"outputs"} alike, or
# {"error"}.
import base64
import json
import sys

import numpy
import onnx
import onnxruntime

onnxruntime.set_default_logger_severity(4)


def array(told):
    return numpy.frombuffer(base64.b64decode(told["data"]), "<f4").reshape(told["shape"])


def tell(values):
    return {"shape": list(values.shape), "data": base64.b64encode(values.astype("<f4").tobytes()).decode()}


def run(told):
    model = base64.b64decode(told["model"])
    onnx.checker.check_model(onnx.load_from_string(model), full_check=True)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    return session.run(None, dict(zip(names, map(array, told["inputs"]))))


for line in sys.stdin:
    try:
        print(json.dumps({"outputs": [tell(output) for output in run(json.loads(line))]}), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
