// Looks into a small network in plain Node: node understand.mjs
import { writeFileSync } from 'node:fs';
import { activations, adam, findLearningRate, gradCam, layers, plotModel, saliency, sequential } from 'wasm-cnn';
import { builtinDigits } from 'wasm-cnn/data';

const { train, test } = builtinDigits({ trainCount: 2000, testCount: 500 });

const model = sequential({
  inputShape: [28, 28, 1],
  layers: [
    layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.globalAveragePooling2d(),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
});
const compile = (learningRate) =>
  model.compile({ optimizer: adam({ learningRate }), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });

// Which learning rate: tried on a copy of the model.
compile(0.001);
const { suggestion, lowest } = await findLearningRate(model, train.x, train.y);
console.log(
  `the loss falls most steeply at a learning rate of ${suggestion.toPrecision(2)}, lowest at ${lowest.toPrecision(2)}`,
);
compile(lowest / 3); // a usual peak
await model.fit(train.x, train.y, { epochs: 6 });
const { accuracy } = await model.evaluate(test.x, test.y);

// What the model is, as a drawing.
writeFileSync('model.svg', plotModel(model, { showShapes: true, showLayerNames: true }));

// What it makes of an image, and where in it it sees the digit.
const image = { data: test.x.data.subarray(0, 28 * 28), shape: [1, 28, 28, 1] };
const { shape } = await activations(model, image, 'conv2d');
const { heatmap, classIndices, layer } = await gradCam(model, image, { layer: 'conv2d_1' });
const [, height, width] = heatmap.shape;
for (let y = 0; y < height; y++) {
  const row = heatmap.data.subarray(y * width, (y + 1) * width);
  console.log(Array.from(row, (heat) => ' ░▒▓█'[Math.round(4 * heat)].repeat(2)).join(''));
}
const { gradients } = await saliency(model, image, { classIndex: classIndices[0] });
const strongest = gradients.data.reduce(
  (most, value, i) => (Math.abs(value) > Math.abs(gradients.data[most]) ? i : most),
  0,
);
console.log(
  `accuracy ${accuracy.toFixed(3)}; taken for a ${classIndices[0]} by what ${layer} has there; conv2d makes [${shape}]; pixel ${strongest} matters most`,
);
