// libwebp's decoder in WebAssembly. inlinePackages.js puts the package's files in here.
import factory from '@jsquash/webp/codec/dec/webp_dec.js';
import wasm from '@jsquash/webp/codec/dec/webp_dec.wasm';
import { EmscriptenDecoder, type EmscriptenFactory } from './emscripten.js';

export const libwebp: EmscriptenDecoder = new EmscriptenDecoder(factory as unknown as EmscriptenFactory, wasm);
