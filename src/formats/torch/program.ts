// A model as a PyTorch program that continues its training: train.py, which torchrun runs on several GPUs or machines.
import { check } from '../../base/errors.js';
import { listed } from '../../base/listed.js';
import type { Shape } from '../../base/shape.js';
import type { CompileConfig, ModelArchive } from '../archive.js';
import { isAugmentation, writers } from './modules.js';

/** What the program is made of. */
export interface ToWrite {
  readonly archive: Pick<ModelArchive, 'model' | 'compile'>;
  readonly layers: readonly { readonly name: string; readonly inputShape: Shape; readonly outputShape: Shape }[];
  /** Attributes of the module by the names of the layers. */
  readonly names: ReadonlyMap<string, string>;
  /** Layers that are not trained. */
  readonly frozen: ReadonlySet<string>;
  /** Whether bytes are 0 to 255 to the model, and not 0 to 1. */
  readonly raw: boolean;
}

/** Last activations that a loss takes in, and the loss then. */
type Last = 'softmax' | 'sigmoid' | null;

const who = 'saveTorchProgram';

function moduleOf({ archive: { model }, layers, names }: ToWrite) {
  const calls = model.calls ?? model.layers.map((_, i) => ({ layer: i, inputs: [i] }));
  const inits: string[] = [];
  const lines: string[] = [];
  const refused: string[] = [];
  const left: string[] = [];
  const tensors = ['x'];
  const ranks = [layers[0] ? layers[calls[0]!.layer]!.inputShape.length : 0];
  const made = new Set<string>();
  let last: Last = null;
  for (const [i, { layer: number, inputs }] of calls.entries()) {
    const { className, config, name } = model.layers[number]!;
    const { inputShape, outputShape } = layers[number]!;
    const attribute = names.get(name)!;
    const isLast = i === calls.length - 1;
    const options = { ...(config as Record<string, unknown>) };
    if (isLast) {
      const ending = className === 'Softmax' ? 'softmax' : options['activation'];
      last = (ending === 'softmax' || ending === 'sigmoid') && outputShape.length === 1 ? ending : null;
      // The loss takes logits.
      if (last !== null) options['activation'] = 'linear';
    }
    ranks.push(outputShape.length);
    const x = inputs.map((input) => tensors[input]!);
    if (isAugmentation(className) || (isLast && className === 'Softmax')) {
      if (isAugmentation(className)) left.push(name);
      tensors.push(x[0]!);
      continue;
    }
    const layer = { className, config: options, input: inputShape, output: outputShape, name: attribute };
    const same = inputs.every((input) => ranks[input] === ranks[inputs[0]!]);
    const written = Object.hasOwn(writers, className) && same ? writers[className]!(layer) : null;
    tensors.push(`x${i + 1}`);
    if (!written) {
      refused.push(`${name} (${className})`);
      continue;
    }
    if (written.make && !made.has(attribute)) inits.push(`self.${attribute} = ${written.make}`);
    made.add(attribute);
    lines.push(`x${i + 1} = ${written.call(...x)}`);
  }
  check(
    refused.length === 0,
    () => `${who}: there is no PyTorch counterpart of ${listed(refused, 12)}; use other layers or options`,
  );
  return { inits, lines, left, last, output: tensors.at(-1)! };
}

/** The loss of logits `y` and targets `t`. */
function lossOf(compile: CompileConfig | undefined, last: Last): string {
  const { className, config = {} } = (compile?.loss ?? { className: 'CategoricalCrossentropy' }) as {
    className: string;
    config?: Record<string, unknown>;
  };
  const smoothing = Number(config['labelSmoothing'] ?? 0);
  const fromLogits = config['fromLogits'] === true;
  if (/^(Sparse)?CategoricalCrossentropy$/.test(className) && (last === 'softmax' || fromLogits))
    return `F.cross_entropy(y, t, label_smoothing=${smoothing})`;
  if (className === 'BinaryCrossentropy' && (last === 'sigmoid' || fromLogits)) {
    const target = smoothing === 0 ? 't' : `t * (1 - ${smoothing}) + ${smoothing / 2}`;
    return `F.binary_cross_entropy_with_logits(y, ${target})`;
  }
  const y = last === null ? 'y' : last === 'softmax' ? 'F.softmax(y, 1)' : 'torch.sigmoid(y)';
  if (className === 'MeanSquaredError') return `F.mse_loss(${y}, t)`;
  if (className === 'MeanAbsoluteError') return `F.l1_loss(${y}, t)`;
  check(
    compile !== undefined,
    `${who}: the model is not compiled, and train.py needs its loss; call compile({ optimizer, loss, metrics })`,
  );
  check(
    false,
    `${who}: there is no PyTorch counterpart of the loss ${className} behind this output; compile the model with categoricalCrossentropy, binaryCrossentropy, meanSquaredError or meanAbsoluteError`,
  );
}

function optimizerOf(compile: CompileConfig | undefined, notes: string[]): { make: string; rate: number } {
  const { className = 'Adam', config = {} } = (compile?.optimizer ?? {}) as { className?: string; config?: object };
  const options = config as Record<string, unknown>;
  const given = options['learningRate'];
  const rate = typeof given === 'number' ? given : 1e-3;
  if (given !== undefined && typeof given !== 'number')
    notes.push(
      'the schedule of the learning rate was left out: train.py has the rate 0.001 throughout; give it another with --learning-rate',
    );
  const betas = `betas=(${options['beta1'] ?? 0.9}, ${options['beta2'] ?? 0.999}), eps=${options['epsilon'] ?? 1e-7}`;
  if (className === 'Adam') return { make: `torch.optim.Adam(parameters, lr=rate, ${betas})`, rate };
  if (className === 'AdamW')
    return {
      make: `torch.optim.AdamW(parameters, lr=rate, ${betas}, weight_decay=${options['weightDecay'] ?? 0.004})`,
      rate,
    };
  if (className === 'SGD') {
    const momentum = Number(options['momentum'] ?? 0);
    const nesterov = options['nesterov'] === true && momentum > 0 ? ', nesterov=True' : '';
    return { make: `torch.optim.SGD(parameters, lr=rate, momentum=${momentum}${nesterov})`, rate };
  }
  notes.push(`the optimizer ${className} was left out: train.py has Adam`);
  return { make: `torch.optim.Adam(parameters, lr=rate, ${betas})`, rate };
}

/** The program, and what it does not do as the model does. */
export function writeProgram(given: ToWrite): { program: string; notes: string[] } {
  const { archive, frozen, names, raw } = given;
  const { inits, lines, left, last, output } = moduleOf(given);
  const notes = left.length > 0 ? [`${listed(left)} left out: pictures are not changed at random in train.py`] : [];
  const { make, rate } = optimizerOf(archive.compile, notes);
  const still = [...frozen]
    .map((layer) => names.get(layer)!)
    .filter((name) => inits.some((line) => line.startsWith(`self.${name} =`)));
  const isImage = given.layers[0]!.inputShape.length === 3;
  const probabilities = last === 'softmax' ? 'F.softmax(y, 1)' : last === 'sigmoid' ? 'torch.sigmoid(y)' : 'y';
  const program = `"""Continues the training of the model '${archive.model.name.replace(/[^\w .-]/g, '_')}' of wasm-cnn in PyTorch 2.

    python3 train.py data.npz                              # one process
    torchrun --nproc-per-node 4 train.py data.npz          # four; on several machines as torchrun says

data.npz holds x [n, ${given.layers[0]!.inputShape.join(', ')}], bytes or float32, and y, the classes' numbers or a row for each example. It needs torch, numpy and
safetensors. trained.safetensors is what loadTorchWeights() of wasm-cnn/formats/torch reads.
"""
import argparse
import os

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import nn
${inits.some((line) => line.includes('Normalization(')) ? NORMALIZATION : ''}
FROZEN = ${JSON.stringify(still)}


class Model(nn.Module):
    """Logits of pictures [n, height, width, channels], as wasm-cnn has them."""

    def __init__(self):
        super().__init__()
${inits.map((line) => `        ${line}`).join('\n') || '        pass'}

    def train(self, mode=True):
        super().train(mode)
        for name in FROZEN:
            getattr(self, name).eval().requires_grad_(False)
        return self

    def forward(self, x):
        if x.dtype == torch.uint8:
            x = x.float()${raw ? '' : ' / 255'}
${isImage ? '        x = x.permute(0, 3, 1, 2)\n' : ''}${lines.map((line) => `        ${line}\n`).join('')}        return ${output}


def load_model(path):
    state = load_file(path)
    for name in [name for name in state if name + ".scale" in state]:
        state[name] = state[name].float() * state.pop(name + ".scale")
    model = Model()
    model.load_state_dict(state)
    return model


def predict(model, x):
    """As predict() of wasm-cnn."""
    model.eval()
    with torch.no_grad():
        y = model(x)
    return ${probabilities}


def loss_of(y, t):
    return ${lossOf(archive.compile, last)}


def optimizer_of(model, rate=${rate}):
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return ${make}


def main():
    parser = argparse.ArgumentParser(description="Continues the training; torchrun starts several processes of it.")
    parser.add_argument("data", help="an .npz of x and y")
    parser.add_argument("--weights", default="model.safetensors")
    parser.add_argument("--out", default="trained.safetensors")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=${archive.compile?.batchSize ?? 32}, help="of all processes together")
    parser.add_argument("--learning-rate", type=float, default=${rate})
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    processes = int(os.environ.get("WORLD_SIZE", 1))
    rank = int(os.environ.get("RANK", 0))
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else torch.device("cpu")
    if processes > 1:
        dist.init_process_group("nccl" if cuda else "gloo")
    data = np.load(options.data)
    x, t = torch.from_numpy(data["x"]), torch.from_numpy(data["y"])
    t = t.float() if t.dim() > 1 or t.is_floating_point() else t.long()
    own = load_model(options.weights).to(device).train()
    optimizer = optimizer_of(own, options.learning_rate)
    model = own
    if processes > 1:
        model = nn.parallel.DistributedDataParallel(nn.SyncBatchNorm.convert_sync_batchnorm(own) if cuda else own)
    share = max(1, options.batch_size // processes)
    for epoch in range(options.epochs):
        # Every process draws the same order, and takes its part of each batch.
        order = torch.randperm(len(x), generator=torch.Generator().manual_seed(options.seed + epoch))
        total = steps = 0
        for start in range(0, len(x) - share * processes + 1, share * processes):
            batch = order[start + rank * share : start + (rank + 1) * share]
            loss = loss_of(model(x[batch].to(device)), t[batch].to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total, steps = total + loss.item(), steps + 1
        if rank == 0:
            print(f"epoch {epoch + 1}: loss {total / max(1, steps):.6f}", flush=True)
    if rank == 0:
        state = own.state_dict()
        save_file({name: value.contiguous().cpu() for name, value in state.items()}, options.out, {"format": "pt"})
    if processes > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
`;
  return { program, notes };
}

const NORMALIZATION = `

class Normalization(nn.Module):
    """(x - mean) / sqrt(variance) of each channel, with Keras' least divisor."""

    def __init__(self, channels):
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("variance", torch.ones(channels))

    def forward(self, x):
        shape = (1, -1) + (1,) * (x.dim() - 2)
        return (x - self.mean.view(shape)) / self.variance.view(shape).sqrt().clamp_min(1e-7)

`;
