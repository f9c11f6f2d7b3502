// A little of what npm run test:differential does at length: the same networks each time. Skipped where no Python has PyTorch.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { enableFused } from '../../src/node/threads/fused.js';
import { compareNetworks } from './differential.js';
import { findPython, NO_PYTHON, startPyTorch, type PyTorch } from './pytorch.js';

enableFused();
const python = findPython();
const testWithPyTorch = python === null ? test.skip : test;
if (python === null) console.log(`differential test skipped: ${NO_PYTHON}`);
let pytorch: PyTorch;

test.before(async () => {
  if (python !== null) pytorch = await startPyTorch(python);
});
test.after(() => pytorch?.close());

testWithPyTorch("random networks: outputs, losses, gradients and two steps of Adam are PyTorch's", async () => {
  const { onTheEdge, layers } = await compareNetworks(30, 1, pytorch);
  assert.ok(onTheEdge < 5, `${onTheEdge} of 30 networks without gradients`);
  assert.equal([...layers.keys()].sort(), ['activation', 'conv2d', 'dense', 'dropout', 'flatten', 'maxPooling2d']);
});

testWithPyTorch('a gradient that is a little off is seen, and the smallest such network shown', async () => {
  const wrong: PyTorch = {
    ...pytorch,
    async ask(question) {
      const answer = await pytorch.ask(question);
      return {
        ...answer,
        tensors: answer.tensors.map((tensor, i) => (i === 3 ? tensor.map((value) => value * 1.001) : tensor)),
      };
    },
  };
  const error = await compareNetworks(30, 1, wrong).then(
    () => null,
    (reason: Error) => reason,
  );
  const [first, ...code] = error!.message.split('\n');
  assert.match(
    first!,
    /^seed 1, network \d+, made smaller \d+ times: gradient of [\w/]+: element \d+ is .*, PyTorch has .*; they may differ by .*e-\d+$/,
  );
  assert.match(code[0]!, /^sequential\(\{ inputShape: \[[\d, ]+\], seed: 0, layers: \[$/);
  assert.match(code.slice(1, -2).join(), /^( {2}layers\.\w+\(.*\),)+$/);
  assert.ok(code.length <= 7, `${code.length} lines of code: ${code.join('\n')}`);
  assert.match(code.at(-1)!, /^\/\/ 1 example of floats, labels as indices$/);
});

test.run();
