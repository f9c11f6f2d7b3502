"""What a W&B agent starts: it gives the setting as wandb.config. DATA and EPOCHS in the environment say the rest."""

import os

import wandb
from trial import run_trial

with wandb.init() as run:
    result = run_trial(dict(run.config), f"trials/{run.id}", epochs=int(os.environ.get("EPOCHS", 6)), data=os.environ.get("DATA"))
    run.log({"val_accuracy": result["val_accuracy"]})
    run.summary["weightsSha256"] = result["weightsSha256"]
