// libjpeg-turbo's decoder as MozJPEG has it, in WebAssembly. inlinePackages.js puts the package's files in here.
import factory from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';
import wasm from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm';
import { EmscriptenDecoder, type EmscriptenFactory } from './emscripten.js';

// Without regard to EXIF, which is read here for all formats alike.
export const mozjpeg: EmscriptenDecoder = new EmscriptenDecoder(factory as unknown as EmscriptenFactory, wasm, false);
