"""Successive halving by Ray Tune: each step is an epoch, and a trial that loses its node resumes from its checkpoint to the same bits.

pip install "ray[tune]==2.60.0"; python ray_tune.py [data] [epochs] [trials]
"""

import os
import shutil
import sys
import tempfile

from ray import tune
from ray.tune.schedulers import ASHAScheduler
from trial import run_trial

DATA = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 and os.path.exists(sys.argv[1]) else (sys.argv[1:2] or [None])[0]
EPOCHS = int(sys.argv[2]) if len(sys.argv) > 2 else 4
TRIALS = int(sys.argv[3]) if len(sys.argv) > 3 else 6


class Trial(tune.Trainable):
    def setup(self, config):
        self.setting = config
        self.folder = tempfile.mkdtemp(prefix="wasm-cnn-")

    def step(self):
        result = run_trial(self.setting, self.folder, epochs=EPOCHS, until=self.iteration + 1, data=DATA)
        # A setting that diverged is a result, too: the worst.
        return {"val_accuracy": result["val_accuracy"] or 0.0, "weights_sha256": result["weightsSha256"]}

    def save_checkpoint(self, folder):
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)

    def load_checkpoint(self, folder):
        shutil.copytree(folder, self.folder, dirs_exist_ok=True)

    def cleanup(self):
        shutil.rmtree(self.folder, ignore_errors=True)


if __name__ == "__main__":
    tuner = tune.Tuner(
        tune.with_resources(Trial, {"cpu": 1}),
        param_space={"learningRate": tune.loguniform(5e-4, 2e-2), "batchSize": tune.choice([64, 128]), "network": "strided"},
        tune_config=tune.TuneConfig(
            metric="val_accuracy",
            mode="max",
            num_samples=TRIALS,
            scheduler=ASHAScheduler(max_t=EPOCHS, grace_period=1, reduction_factor=3),
        ),
        run_config=tune.RunConfig(
            stop={"training_iteration": EPOCHS},
            storage_path=os.path.abspath("ray-results"),
            failure_config=tune.FailureConfig(max_failures=-1),
            checkpoint_config=tune.CheckpointConfig(checkpoint_frequency=1, num_to_keep=1),
        ),
    )
    best = tuner.fit().get_best_result()
    print(f"best {best.config} val_accuracy {best.metrics['val_accuracy']} weights {best.metrics['weights_sha256']}")
