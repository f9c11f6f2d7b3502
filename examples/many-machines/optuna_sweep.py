"""Optuna chooses the settings, one after another from what it has learned. Its choices follow from the order in which trials end, so a sweep of
several workers cannot be replayed; each trial still can.

pip install optuna==5.0.0; python optuna_sweep.py [data] [epochs] [trials]; several processes share one study by a storage:
OPTUNA_STORAGE=postgresql://host/db
"""

import os
import sys

import optuna
from trial import run_trial

DATA, EPOCHS, TRIALS = (sys.argv[1:] + [None, "4", "10"][len(sys.argv) - 1 :])[:3]


def objective(trial):
    config = {
        "network": "strided",
        "learningRate": float(f"{trial.suggest_float('learningRate', 5e-4, 2e-2, log=True):.4g}"),
        "batchSize": trial.suggest_categorical("batchSize", [64, 128, 256]),
    }
    for until in range(1, int(EPOCHS) + 1):
        result = run_trial(config, f"trials/{trial.number}", epochs=int(EPOCHS), until=until, data=DATA)
        if result["status"] != "finished":
            raise optuna.TrialPruned()
        trial.report(result["val_accuracy"], until)
        trial.set_user_attr("weightsSha256", result["weightsSha256"])
        if trial.should_prune():
            raise optuna.TrialPruned()
    return result["val_accuracy"]


if __name__ == "__main__":
    study = optuna.create_study(
        study_name="wasm-cnn",
        storage=os.environ.get("OPTUNA_STORAGE"),
        load_if_exists=True,
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=1),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=3),
    )
    study.optimize(objective, n_trials=int(TRIALS))
    print(f"best {study.best_params} val_accuracy {study.best_value}")
