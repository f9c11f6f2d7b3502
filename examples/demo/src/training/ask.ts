// What a network says to some images, or null where its numbers have run away: then predict refuses, and the run itself says why.
import { WasmCnnError, type Model, type Tensor } from 'wasm-cnn';

export async function ask(model: Model, x: Tensor): Promise<Tensor<Float32Array> | null> {
  try {
    const answer = await model.predict(x);
    return answer.data.every(Number.isFinite) ? answer : null;
  } catch (error) {
    if (error instanceof WasmCnnError && /not finite/.test(error.message)) return null;
    throw error;
  }
}
