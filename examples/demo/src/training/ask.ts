// What a network says to some images, or null where its numbers have run away: then the engine refuses, and the run itself says why.
import { WasmCnnError, type Model, type Tensor } from 'wasm-cnn';

export async function ask(model: Model, x: Tensor): Promise<Tensor<Float32Array> | null> {
  const answer = await unlessRunAway(() => model.predict(x));
  return answer?.data.every(Number.isFinite) ? answer : null;
}

/** What `action` gives; null where the engine meets numbers that are not finite. */
export async function unlessRunAway<T>(action: () => T | Promise<T>): Promise<T | null> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof WasmCnnError && /not finite|holds (NaN|-?Infinity) at/.test(error.message)) return null;
    throw error;
  }
}
