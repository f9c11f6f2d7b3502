// The loss and its gradient against plain f64 loops.
import { test } from 'uvu';
import { softmaxForward } from '../reference/softmax.js';
import { oneHot, softmaxCrossEntropy } from '../reference/softmaxCrossEntropy.js';
import { onEachBuild, randomFloats, ROUNDING, same, sizes, wide, within, worst } from './guardedMemory.js';

/** The loss of each row alone. */
function losses(logits: Float32Array, targets: ArrayLike<number>, classes: number): number[] {
  return Array.from({ length: logits.length / classes }, (_, row) => {
    const part = (values: ArrayLike<number>): Float64Array => wide(values).subarray(row * classes, (row + 1) * classes);
    return softmaxCrossEntropy(part(logits), part(targets), classes).loss;
  });
}

onEachBuild('forward: class indices and soft labels', (memory, kernels) => {
  for (const classes of sizes)
    for (const rows of [1, 5])
      for (const soft of [false, true]) {
        const what = `[${rows}, ${classes}], ${soft ? 'soft' : 'one-hot'}`;
        const logits = randomFloats(rows * classes, 5, -8, 8);
        const targets = soft
          ? softmaxForward(wide(randomFloats(rows * classes, 6)), classes)
          : oneHot(
              Array.from({ length: rows }, (_, i) => (3 * i) % classes),
              classes,
            );
        const result = memory.output(rows);
        const atTargets = memory.input(targets);
        kernels.softmaxCrossEntropyForward(
          result.byteOffset,
          memory.input(logits).byteOffset,
          atTargets.byteOffset,
          rows,
          classes,
        );
        const expected = losses(logits, atTargets, classes);
        // exp is right to 2e-7, so ln Σ is right to 2e-7 absolute; its arguments lose half a rounding of 16; then f32's rounding.
        // Soft labels in f32 sum to 1 but for `classes` roundings, times a loss of at most 16 + ln 17.
        within(
          worst(
            result,
            expected,
            expected.map((loss) => 2e-7 + ROUNDING * (16 + loss)),
          ),
          1,
          what,
        );
        memory.verify(what);
      }
});

onEachBuild('huge logits: the loss is what it should be, or infinite', (memory, kernels) => {
  const logits = [
    1e4,
    0,
    -1e4,
    /**/ 3e38,
    -3e38,
    0,
    /**/ 0,
    0,
    -Infinity,
    /**/ 50,
    0,
    0,
    /**/ 9,
    -Infinity,
    -Infinity,
    /**/ -500,
    -600,
    -700,
  ];
  const targets = [0, 0, 1, /**/ 1, 0, 0, /**/ 0, 0, 1, /**/ 1, 0, 0, /**/ 1, 0, 0, /**/ 0, 1, 0];
  const result = memory.output(6);
  kernels.softmaxCrossEntropyForward(
    result.byteOffset,
    memory.input(logits).byteOffset,
    memory.input(targets).byteOffset,
    6,
    3,
  );
  // ln(1 + 2 e^-50) = 4e-22: below f64's rounding of 1, so 0. And a target of 0 takes no part, however small its logit.
  same(result, [2e4, 0, Infinity, 0, 0, 100], 'losses');
  memory.verify('losses');
});

onEachBuild('forward: NaN in a row makes its loss NaN, also where its target is 0', (memory, kernels) => {
  const result = memory.output(2);
  kernels.softmaxCrossEntropyForward(
    result.byteOffset,
    memory.input([1, NaN, 0, 0]).byteOffset,
    memory.input([1, 0, 1, 0]).byteOffset,
    2,
    2,
  );
  same([result[0]!], [NaN], 'first row');
  within(worst([result[1]!], [Math.LN2], 1), ROUNDING, 'second row');
  memory.verify('losses');
});

onEachBuild('backward: (p - t) / batch, for a batch larger than the rows at hand', (memory, kernels) => {
  for (const classes of sizes)
    for (const [rows, batch] of [
      [1, 1],
      [3, 3],
      [3, 10],
    ] as const) {
      const what = `[${rows}, ${classes}] of ${batch}`;
      const targets = oneHot(
        Array.from({ length: rows }, (_, i) => i % classes),
        classes,
      );
      const probabilities = Float32Array.from(softmaxForward(wide(randomFloats(rows * classes, 7)), classes));
      const dLogits = memory.output(rows * classes);
      const atProbabilities = memory.input(probabilities).byteOffset;
      kernels.softmaxCrossEntropyBackward(
        dLogits.byteOffset,
        atProbabilities,
        memory.input(targets).byteOffset,
        rows,
        classes,
        batch,
      );
      const { fround } = Math;
      same(
        dLogits,
        Float32Array.from(probabilities, (p, i) => fround(fround(p - targets[i]!) / batch)),
        what,
      );
      memory.verify(what);
    }
});

test.run();
