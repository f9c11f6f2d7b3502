// Every kernel that the engine may call: what the files of build/wasm/ hold. In the sources they are two modules.
export * from './core';
export * from './more';
