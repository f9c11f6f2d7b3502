# Reads folders of event files with TensorBoard's own loaders, for tensorBoard.test.ts, and tells JSON on stdout: for each folder the records of
# each file, in their order, and what TensorBoard keeps of the scalars: [step, value] by tag. With --server also what the server shows, whose
# loader is another program.
#   events.py [--server] FOLDER …
import json
import os
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader


def tell(folder):
    accumulator = EventAccumulator(folder, size_guidance={"scalars": 0}).Reload()
    files = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    return {
        "records": [sum(1 for _ in RawEventFileLoader(path).Load()) for path in files],
        "scalars": {tag: [[s.step, s.value] for s in accumulator.Scalars(tag)] for tag in accumulator.Tags()["scalars"]},
    }


def served(logdir):
    """What the page asks for, of all runs below a folder."""
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", logdir, "--port", "0", "--host", "127.0.0.1"]
    command += ["--samples_per_plugin", "scalars=100000"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        base = next(line for line in server.stderr if "http://" in line).split("at ")[1].split(" ")[0]

        def ask(path):
            with urllib.request.urlopen(f"{base}data/plugin/scalars/{path}") as answer:
                return json.load(answer)

        tags, before = ask("tags"), None
        while not tags or tags != before:
            time.sleep(1)
            tags, before = ask("tags"), tags
        return {
            run: {tag: [[step, value] for _, step, value in ask("scalars?" + urllib.parse.urlencode({"run": run, "tag": tag}))] for tag in sorted(found)}
            for run, found in tags.items()
        }
    finally:
        server.terminate()
        server.wait()


if sys.argv[1] == "--server":
    print(json.dumps(served(sys.argv[2])))
else:
    print(json.dumps([tell(folder) for folder in sys.argv[1:]]))
