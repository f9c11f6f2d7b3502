"""program.py FOLDER STEPS: imports train.py there, and tells what its model says of x.npy, and the losses of as many steps on batches of it."""
import json
import os
import sys

import numpy as np
import torch

folder, steps = sys.argv[1], int(sys.argv[2])
sys.path.insert(0, folder)
import train

torch.set_num_threads(1)
x = torch.from_numpy(np.load(os.path.join(folder, "x.npy")))
t = torch.from_numpy(np.load(os.path.join(folder, "y.npy")))
t = t.float() if t.dim() > 1 else t.long()
model = train.load_model(os.path.join(folder, "model.safetensors"))
before = train.predict(model, x).flatten().tolist()
model.train()
optimizer = train.optimizer_of(model)
losses = []
for _ in range(steps):
    loss = train.loss_of(model(x), t)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print(json.dumps({"before": before, "losses": losses}))
