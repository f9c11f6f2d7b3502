// npm run import: a model of another program as a model file of wasm-cnn.
import { basename, dirname, extname, join, resolve } from 'node:path';
import { check, WasmCnnError } from '../../base/errors.js';
import { classifierFacts } from '../../images/classifierFacts.js';
import { colorModeOf } from '../../images/imageInput.js';
import { exists, isFolder } from '../files/files.js';
import { loadForeignModel, TFJS_FILE } from '../files/foreignModel.js';
import { saveModelFile } from '../files/modelFile.js';
import { architectureOption, checkNew, command, imageSize, run } from './command.js';
import { loadOwnModel } from './runs.js';

interface ImportOptions {
  out?: string;
  architecture?: string;
  imageSize?: readonly [number, number];
  classNames?: string[];
}

const program = command(
  'import',
  'Makes a model file of one of Keras, TensorFlow.js, ONNX or PyTorch, which all commands and loadModel() read.',
)
  .usage('<file> [options]')
  .argument('<file>', 'a .keras, .h5 or .onnx file, a model.json or its folder, or a state dict as .safetensors')
  .option('--out <file>', 'the model file (default: of the same name, ending in .safetensors, in the current folder)')
  .option(
    '--image-size <size>',
    'height x width of the images, such as 96 or 96x128, for a model that takes any',
    imageSize,
  )
  .option(
    '--class-names <name...>',
    'what its classes are called, the first one first, for predict-samples and classify()',
  )
  .addOption(architectureOption());

await run<ImportOptions>(
  program,
  async ({ out: asked, architecture, imageSize: size, classNames }) => {
    const file = program.args[0]!;
    check(asked !== '', '--out is empty; name a file, or leave it out');
    check(file !== '', 'the model is an empty path; name a model file');
    check(await exists(file), `there is no ${file}; name a model file`);
    const name = basename(resolve(file), extname(file));
    const out = asked ?? `${name}${/\.safetensors$/i.test(file) ? '-imported' : ''}.safetensors`;
    check(resolve(out) !== resolve(file), `--out is ${out}, the file that is read; name another one`);
    await checkNew(out);
    check(
      await exists(dirname(resolve(out))),
      `--out is ${out}, and there is no folder ${dirname(out)}; make it first`,
    );
    check(
      !(await isFolder(file)) || (await exists(join(file, TFJS_FILE))),
      `${file} holds no ${TFJS_FILE} of TensorFlow.js; name a model file`,
    );
    const foreign = await loadForeignModel(file, { architecture, imageSize: size });
    if (foreign === null) {
      await loadOwnModel(file);
      throw new WasmCnnError(`${file} is a model of wasm-cnn already; all commands take it as it is`);
    }
    const { model, notes, format } = foreign;
    const [classes] = model.outputShape;
    check(
      classNames === undefined || classNames.length === classes,
      () => `--class-names are ${classNames!.length}, and ${file} tells ${classes} classes apart; give one per class`,
    );
    console.log(`${format} model: ${file}`);
    for (const note of notes) console.log(`Note: ${note}`);
    model.summary();
    const [height, width, channels] = model.inputShape;
    const colorMode = colorModeOf(channels);
    const input =
      colorMode && model.inputShape.length === 3 ? { imageSize: [height!, width!] as const, colorMode } : null;
    await saveModelFile(model, out, {
      ...(classNames && { facts: classifierFacts({ classNames, input }) }),
    });
    console.log(`Wrote ${out}`);
  },
  'files',
);
