"""One trial of wasm-cnn from Python: what Ray, Optuna, W&B and others call with a setting of theirs."""

import json
import os
import subprocess

ROOT = os.environ.get("WASM_CNN", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))


def run_trial(config, out, *, epochs, until=None, data=None, threads=1):
    """Trains the setting up to an epoch, from the checkpoint in `out` where there is one; returns the result as a dict."""
    command = ["node", os.path.join(ROOT, "build", "commands", "trial.js"), json.dumps(config)]
    command += ["--resume-or-start", "--out", out, "--epochs", str(epochs), "--threads", str(threads)]
    command += ["--until", str(until)] if until is not None else []
    command += ["--data", data] if data is not None else []
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip() or f"the trial ended with {done.returncode}")
    return json.loads(done.stdout.strip().splitlines()[-1])
