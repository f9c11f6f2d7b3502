// What fineTune.html does with wasm-cnn: a network that knows ImageNet learns to tell the pictures of a folder apart, on threads where the page
// is cross-origin isolated. The same in Node: fineTune.mjs.
import { adam, input, layers, loadModel, model, networks, openDataset, workers } from 'wasm-cnn';
import { classifierFacts } from 'wasm-cnn/images';

/** How the authors of the weights scaled pictures of 0 to 1, and what PyTorch's state dict is called. */
const pretrained = {
  mobileNetV2: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], torch: 'torchvision/mobilenet_v2' },
  efficientNetLite0: {
    mean: Array(3).fill(127 / 255),
    std: Array(3).fill(128 / 255),
    torch: 'timm/tf_efficientnet_lite0',
  },
};

/** Pictures to learn from and to test with, and the names of their classes; `given`: files, or entries of what was dropped. */
export async function readPictures(given, side, onProgress) {
  const data = await openDataset(given, { imageSize: [side, side], colorMode: 'rgb', skipBroken: true, onProgress });
  const { train, test, skipped = [] } = data;
  const [, height, width, channels] = train.x.shape;
  if (height !== side || width !== side || channels !== 3)
    throw new Error(
      `This holds images of ${height} × ${width} × ${channels}; choose a folder of pictures, a folder per class.`,
    );
  const labels = [...train.y, ...test.y];
  const classNames = data.classNames ?? Array.from({ length: Math.max(...labels) + 1 }, (_, i) => String(i));
  for (const [i, name] of classNames.entries())
    if (labels.filter((label) => label === i).length < 2)
      throw new Error(
        `The class ${name} has 1 picture; put more there, best 10 and up, as some are held out for the test, or take its folder away.`,
      );
  return { train, test, classNames, skipped };
}

/** The network whose weights these are, with a last layer for so many classes. */
function networkOf(weights, side, classes) {
  const troubles = [];
  for (const name of Object.keys(pretrained)) {
    try {
      return { name, body: networks[name]({ inputShape: [side, side, 3], classes, dropout: 0, weights }) };
    } catch (error) {
      troubles.push(error.message);
    }
  }
  throw new Error(
    `This takes weights of ${Object.keys(pretrained).join(' or ')} as npm run weights writes them, and got others (${troubles[0]}).`,
  );
}

/**
 * Trains the last layer, then all of them, and gives a classifier. When `signal` is aborted it keeps what has been learned by then. `report` has
 * phase(what), which is awaited, step(done, of) and epoch({ epoch, loss, accuracy }); the accuracy is that on the pictures held out.
 */
export async function fineTune({ weights, pictures, side, epochs, signal, report }) {
  const { train, test, classNames } = pictures;
  await report.phase('Making the network');
  const { name, body } = networkOf(weights, side, classNames.length);
  const { mean, std } = pretrained[name];
  const x = input({ shape: [side, side, 3] });
  // The network takes bytes and scales them itself, so that no one who loads it needs to know how.
  const scale = layers.normalization({
    mean: mean.map((value) => value * 255),
    variance: std.map((value) => (value * 255) ** 2),
  });
  const net = model({ name: 'fineTuned', inputs: x, outputs: body.apply(scale.apply(x)) });
  const compiled = { loss: 'categoricalCrossentropy', metrics: ['accuracy'] };

  // While the last layer learns, the others stay as they are: what they make of a picture is computed once.
  const eyes = model({ inputs: x, outputs: net.layers.at(-2).output });
  await report.phase('Looking at the pictures');
  const total = train.y.length + test.y.length;
  const seen = await featuresOf(eyes, train.x, signal, (done) => report.step(done, total));
  const seenTest = await featuresOf(eyes, test.x, signal, (done) => report.step(train.y.length + done, total));
  const features = input({ shape: eyes.outputShape });
  const head = model({ name: 'head', inputs: features, outputs: body.layers.at(-1).layer.apply(features) });
  head.compile({ ...compiled, optimizer: adam({ learningRate: 1e-3 }), background: null });
  await report.phase('The last layer');
  try {
    const options = { epochs: 20, validationData: [seenTest, test.y], signal };
    await head.fit(seen, train.y, { ...options, callbacks: progress(report, train.y.length / 32) });
    if (epochs > 0) {
      // All but batch normalization, whose statistics a few small batches would spoil, in small steps.
      for (const { layer } of net.layers) layer.trainable = layer.className !== 'BatchNormalization';
      net.compile({ ...compiled, optimizer: adam({ learningRate: 1e-4 }), batchSize: 16, workers: workers() });
      await report.phase('All layers');
      const options = { epochs, validationData: [test.x, test.y], signal };
      await net.fit(train.x, train.y, { ...options, callbacks: progress(report, train.y.length / 16) });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  // With the names of the classes, and how pictures are read: loadModel() of this file classifies them anywhere.
  const facts = classifierFacts({ classNames, input: { imageSize: [side, side], colorMode: 'rgb' } });
  const file = net.save({ includeOptimizer: false, facts });
  return { name, net, body, file, classNames, classify: loadModel(file).classify };
}

/** What the network makes of pictures, 32 at a time. */
async function featuresOf(eyes, { data, shape }, signal, onStep) {
  const [count, ...picture] = shape;
  const [size, width] = [data.length / count, eyes.outputShape[0]];
  const features = new Float32Array(count * width);
  for (let i = 0; i < count; i += 32) {
    if (signal.aborted) throw new Error('It was stopped before anything was learned.');
    const some = data.subarray(i * size, (i + 32) * size);
    const made = await eyes.predict({ data: some, shape: [some.length / size, ...picture] });
    features.set(made.data, i * width);
    onStep(i + some.length / size);
  }
  return { data: features, shape: [count, width] };
}

const progress = (report, batches) => ({
  onBatchEnd: (batch) => report.step(batch + 1, Math.ceil(batches)),
  onEpochEnd: (epoch, { loss, val_accuracy: accuracy }) => report.epoch({ epoch: epoch + 1, loss, accuracy }),
});

/** How each format is written; what does it is loaded when it is asked for. `note` says what to do with the files, and what they cannot hold. */
export const formats = {
  'wasm-cnn': {
    files: async ({ file }) => ({ 'model.safetensors': file }),
    note: 'loadModel(bytes).classify(picture) names pictures, in a page and in Node.',
  },
  'Keras (.keras)': {
    async files({ net }) {
      const { saveKeras } = await import('wasm-cnn/formats/keras');
      return { 'model.keras': saveKeras(net, { includeOptimizer: false }) };
    },
    note: "keras.models.load_model('model.keras') in Python.",
  },
  'Keras (.h5)': {
    async files({ net }) {
      const { saveKeras } = await import('wasm-cnn/formats/keras');
      return { 'model.h5': saveKeras(net, { format: 'h5', includeOptimizer: false }) };
    },
    note: "keras.models.load_model('model.h5') in Python.",
  },
  'TensorFlow.js': {
    async files({ net }) {
      const { saveTfjs } = await import('wasm-cnn/formats/tfjs');
      return saveTfjs(net, { includeOptimizer: false });
    },
    note: "Two files, to be kept together: tf.loadLayersModel('model.json').",
  },
  ONNX: {
    async files({ net }) {
      const { saveOnnx } = await import('wasm-cnn/formats/onnx');
      return { 'model.onnx': saveOnnx(net) };
    },
    note: 'For onnxruntime and others; it predicts, and cannot hold what training needs.',
  },
  PyTorch: {
    async files({ body, name }) {
      const { saveTorch } = await import('wasm-cnn/formats/torch');
      return { 'stateDict.safetensors': saveTorch(body, { names: pretrained[name].torch }) };
    },
    note: ({ name }) => {
      const { torch, mean, std } = pretrained[name];
      const list = (values) => values.map((value) => value.toFixed(4)).join(', ');
      return `A state dict for ${torch}, which cannot hold how pictures are scaled: give it (x / 255 - mean) / std with mean ${list(mean)} and std ${list(std)}.`;
    },
  },
};
