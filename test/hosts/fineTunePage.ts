// fineTune.html as its reader uses it, with the real weights: mistakes first, then drawn pictures, and each file that it saves is loaded here.
import { mkdirSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { check } from '../../src/base/errors.js';
import { RandomStream } from '../../src/base/random.js';
import type { Tensor } from '../../src/base/tensor.js';
import { loadKeras } from '../../src/formats/keras/index.js';
import { loadOnnx } from '../../src/formats/onnx/index.js';
import { loadTfjs } from '../../src/formats/tfjs/index.js';
import { loadTorch } from '../../src/formats/torch/index.js';
import { decodeImage, imageToInput } from '../../src/images/index.js';
import { loadModel, preprocessInput } from '../../src/index.js';
import type { Model } from '../../src/model/model.js';
import { inRoot } from '../package/install.js';
import type { Browser } from './browser.js';
import { output, PATIENCE_MS } from './host.js';

const SIDE = 96;
const CLASSES = ['disks', 'squares', 'stripes'];
const EACH = 10;
const FILES = [
  ...['model.safetensors', 'model.keras', 'model.h5', 'model.json', 'model.weights.bin', 'model.onnx'],
  'stateDict.safetensors',
];

/** Where npm run weights has put those of MobileNetV2, or why it could not. */
export async function pretrainedWeights(): Promise<{ readonly path?: string; readonly trouble?: string }> {
  const fetching = output(process.execPath, [inRoot('build/commands/weights.js'), 'mobileNetV2'], {
    patience: 120_000,
  });
  return fetching.then(
    (path) => ({ path }),
    ({ message }: Error) => ({ trouble: message.split('\n').at(-1)! }),
  );
}

/** A picture of which no class can be sure. */
const UNSURE = 'between';

/** One figure, of any color and place, on a noisy ground. */
function drawn(figure: string, seed: number): Uint8Array {
  const random = new RandomStream(seed);
  const [x0, y0, r] = [random.between(30, 50), random.between(30, 50), random.between(14, 26)];
  const color = Array.from({ length: 3 }, () => random.between(120, 255));
  const isIn = (x: number, y: number): boolean => {
    const [round, square, even] = [Math.hypot(x, y) < r, Math.max(Math.abs(x), Math.abs(y)) < r, (y & 4) === 0];
    if (figure === UNSURE) return x < 0 ? round : square && (y < 0 || even);
    return figure === 'disks' ? round : square && (figure === 'squares' || even);
  };
  const data = new Uint8Array(80 * 80 * 3);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / 3) % 80, Math.floor(i / 240)];
    data[i] = (isIn(x - Math.round(x0), y - Math.round(y0)) ? color[i % 3]! : 60) * random.between(0.7, 1);
  }
  return encode({ width: 80, height: 80, data, channels: 3 });
}

/** Run on the page: what it says to mistakes, what it has learned, and what it makes of a new picture; what it saves is put on the server. */
const visit = `(async () => {
  const page = (id) => document.getElementById(id);
  const until = (isSo) => new Promise((resolve, reject) => {
    const began = performance.now();
    const look = () => {
      if (isSo()) resolve();
      else if (performance.now() - began > ${0.9 * PATIENCE_MS}) reject('it says ' + page('said').textContent);
      else setTimeout(look, 20);
    };
    look();
  });
  const drawn = async (each) => {
    const all = [];
    for (const name of ${JSON.stringify(CLASSES)})
      for (let i = 0; i < each(name); i++) {
        const file = new File([await (await fetch('drawn/' + name + i + '.png')).blob()], i + '.png');
        Object.defineProperty(file, 'webkitRelativePath', { value: 'drawn/' + name + '/' + i + '.png' });
        all.push(file);
      }
    return all;
  };
  // An input's own list would lose the paths of files that a script has made.
  const give = (given) => {
    Object.defineProperty(page('folder'), 'files', { value: given, configurable: true });
    page('folder').dispatchEvent(new Event('change'));
  };
  HTMLAnchorElement.prototype.click = () => {};
  await until(() => page('said').textContent.startsWith('Choose'));
  const mistakes = [];
  const train = async () => {
    page('said').className = '';
    page('train').click();
    await until(() => page('said').className === 'wrong' || /^(Done|Stopped)/.test(page('said').textContent));
    return page('said').textContent;
  };
  mistakes.push(await train());
  give(await drawn((name) => name === 'disks' ? 1 : 5));
  mistakes.push(await train());
  page('address').value = new URL('none.safetensors', location.href).href;
  mistakes.push(await train());
  page('address').value = 'http://127.0.0.1:9/weights';
  mistakes.push(await train());
  page('address').value = new URL('mobileNetV2.safetensors', location.href).href;
  mistakes.push(await train());
  give(await drawn(() => ${EACH}));
  page('address').value = location.href;
  mistakes.push(await train());
  page('address').value = new URL('mobileNetV2.safetensors', location.href).href;
  page('count').value = 2;
  const trained = await train();
  if (page('said').className === 'wrong') return { mistakes, trained };
  const transfer = new DataTransfer();
  transfer.items.add(new File([await (await fetch('drawn/${UNSURE}.png')).blob()], 'new.png'));
  page('picture').files = transfer.files;
  page('picture').dispatchEvent(new Event('change'));
  await until(() => page('named').children.length > 0);
  const named = Array.from(page('named').children, (label) => [label.textContent, label.querySelector('meter').value]);
  const saved = [];
  for (const button of page('formats').children) {
    const before = page('saved').children.length;
    button.click();
    await until(() => page('saved').children.length > before);
    for (const link of page('saved').lastChild.querySelectorAll('a')) {
      await fetch(link.download, { method: 'PUT', body: await (await fetch(link.href)).blob() });
      saved.push(link.download);
    }
  }
  return { mistakes, trained, named, saved };
})()`;

interface Seen {
  readonly mistakes: readonly string[];
  readonly trained: string;
  /** Text and probability of each class, the most probable one first. */
  readonly named?: readonly (readonly [text: string, probability: number])[];
  readonly saved?: readonly string[];
}

const MISTAKES = [
  /^Choose a folder that has a folder of pictures for each class\.$/,
  /^Choose a file of weights, or give its address/,
  /none\.safetensors is answered with 404/,
  /^There is no answer from http:\/\/127\.0\.0\.1:9\/weights: check the address and the network/,
  /^The class disks has 1 picture; /,
  /^This takes weights of mobileNetV2 or efficientNetLite0 as npm run weights writes them, .*: it is an HTML page/,
];

/** `address` is that of `folder`, isolated. Gives what the page said, and how its files agree. */
export async function fineTunePage(
  folder: string,
  address: string,
  browser: Browser,
  weights: string,
): Promise<string> {
  mkdirSync(join(folder, 'drawn'), { recursive: true });
  for (const [c, name] of CLASSES.entries())
    for (let i = 0; i < EACH; i++) writeFileSync(join(folder, 'drawn', `${name}${i}.png`), drawn(name, 100 * c + i));
  writeFileSync(join(folder, 'drawn', `${UNSURE}.png`), drawn(UNSURE, 1));
  copyFileSync(weights, join(folder, 'mobileNetV2.safetensors'));
  const { mistakes, trained, named, saved } = (await browser.visit(`${address}fineTune.html`, visit)) as Seen;
  for (const [i, expected] of MISTAKES.entries())
    check(expected.test(mistakes[i]!), () => `to mistake ${i} it says '${mistakes[i]}'`);
  if (!named) return trained;
  // A picture between the classes must not be classified with certainty.
  check(named[0]![1] < 0.999, () => `of a picture between the classes it says ${named[0]![0]}`);
  check(String(saved) === String(FILES), () => `it saved ${saved}`);

  const bytes = (name: string): Uint8Array => readFileSync(join(folder, name));
  const pixels = imageToInput(await decodeImage(bytes(`drawn/${UNSURE}.png`)), {
    imageSize: [SIDE, SIDE],
    colorMode: 'rgb',
  });
  // To a model that is not known to scale pictures itself bytes are value / 255, and TF.js has no layer that says so.
  const numbers = { data: Float32Array.from(pixels), shape: [1, SIDE, SIDE, 3] };
  const picture = { data: pixels, shape: [1, SIDE, SIDE, 3] };
  const architecture = 'torchvision/mobilenet_v2';
  const predictions: (readonly [name: string, model: Model, x: Tensor])[] = [
    ['model.safetensors', loadModel(bytes('model.safetensors')).model, picture],
    ['model.keras', (await loadKeras(bytes('model.keras'))).model, picture],
    ['model.h5', (await loadKeras(bytes('model.h5'))).model, picture],
    [
      'model.json',
      (await loadTfjs({ 'model.json': bytes('model.json'), 'model.weights.bin': bytes('model.weights.bin') })).model,
      numbers,
    ],
    ['model.onnx', (await loadOnnx(bytes('model.onnx'))).model, picture],
    [
      'stateDict.safetensors',
      (await loadTorch(bytes('stateDict.safetensors'), { architecture, inputShape: [SIDE, SIDE, 3] })).model,
      preprocessInput(picture, 'mobileNetV2'),
    ],
  ];
  for (const [name, model, x] of predictions) {
    const { data } = await model.predict(x);
    for (const [text, probability] of named) {
      const own = data[CLASSES.indexOf(/^\w+/.exec(text)![0])]!;
      check(Math.abs(own - probability) <= 1e-5, () => `${name} gives ${text} ${own}, the page gave ${probability}`);
    }
  }
  return `${trained} ${named[0]![0]}; ${FILES.length} files predict the same within 1e-5`;
}
