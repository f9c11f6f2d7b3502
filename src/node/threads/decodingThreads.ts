// Threads that decode pictures, in Node.
import { DecodingThreads, type StartDecoding } from '../../data/imageFolder/decodingThreads.js';
import { formatOf } from '../../images/format.js';
import { availableCores } from './cores.js';
import { pictureThread } from './pictureThread.generated.js';
import { startThread } from './workers.js';

/** Names of the packages' files. */
type Codec = 'mozjpeg_dec' | 'webp_dec';

/** Compiled decoders, by name: what buildThreads.js puts in the place of their bytes. */
export type GivenCodecs = Partial<Record<Codec, WebAssembly.Module>>;

/** Comes before the first picture that needs it. */
export interface CodecMessage {
  readonly codec: Codec;
  readonly module: WebAssembly.Module;
}

const codecs: Readonly<Record<Codec, () => Promise<WebAssembly.Module>>> = {
  mozjpeg_dec: async () => (await import('../../images/codecs/mozjpeg.js')).mozjpeg.compiled(),
  webp_dec: async () => (await import('../../images/codecs/libwebp.js')).libwebp.compiled(),
};

const start: StartDecoding = (replied, ended) => {
  const thread = startThread(pictureThread, {}, ended);
  thread.on('message', replied);
  const given = new Set<Codec>();
  const give = async (codec: Codec): Promise<void> => {
    const module = await codecs[codec]();
    if (!given.has(codec)) thread.postMessage({ codec, module } satisfies CodecMessage);
    given.add(codec);
  };
  return {
    post(request, transfer) {
      const format = formatOf(request.bytes);
      const codec = format === 'JPEG' ? 'mozjpeg_dec' : format === 'WebP' ? 'webp_dec' : null;
      if (codec === null || given.has(codec)) return thread.postMessage(request, transfer);
      const sent = give(codec).then(() => thread.postMessage(request, transfer));
      sent.catch((error: unknown) => ended((error as Error).message));
    },
    hold: (isHeld) => (isHeld ? thread.ref() : thread.unref()),
    terminate: () => void thread.terminate(),
  };
};

let threads: DecodingThreads | undefined;

/** Those of this process, as many as it has cores. */
export function decodingThreads(): DecodingThreads {
  return (threads ??= new DecodingThreads(start, availableCores()));
}

/** For tests: so many of their own. */
export const decodingThreadsOf = (count: number): DecodingThreads => new DecodingThreads(start, count);
