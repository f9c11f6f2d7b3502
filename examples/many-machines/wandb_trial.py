"""What a W&B agent starts: it gives the setting as wandb.config."""

import wandb
from trial import run_trial

with wandb.init() as run:
    result = run_trial(dict(run.config), f"trials/{run.id}", epochs=6)
    run.log({"val_accuracy": result["val_accuracy"]})
    run.summary["weightsSha256"] = result["weightsSha256"]
