// Draws the built-in digits off the page's thread.
import { builtinDigits } from 'wasm-cnn/data';

export interface DigitsAsked {
  readonly trainCount: number;
  readonly testCount: number;
}

const scope = self as unknown as {
  onmessage: (event: MessageEvent<DigitsAsked>) => void;
  postMessage(message: unknown, transfer: Transferable[]): void;
};

scope.onmessage = ({ data }) => {
  const { train, test, ...rest } = builtinDigits(data);
  scope.postMessage({ ...rest, train, test }, [
    train.x.data.buffer,
    train.y.buffer,
    test.x.data.buffer,
    test.y.buffer,
  ] as ArrayBuffer[]);
};
