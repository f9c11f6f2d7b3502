// One GET with everything bounded: the wait for an answer, for the next bytes and for the whole, and the size of the body.
import { isError } from '../../base/options.js';

export interface FetchLimits {
  /** Milliseconds until the answer's headers, redirects included. */
  readonly connectMs: number;
  /** Milliseconds without a byte. */
  readonly stallMs: number;
  readonly totalMs: number;
  readonly maxBytes: number;
}

/** Why a server did not deliver, to stand after its name in a sentence. */
export class FetchError extends Error {
  /** Whether the same server may well deliver when asked again. */
  readonly worthRetrying: boolean;

  constructor(message: string, worthRetrying: boolean, options?: ErrorOptions) {
    super(message, options);
    this.worthRetrying = worthRetrying;
  }
}

/** The body at `url`, or a {@link FetchError}. `onBytes` hears how many bytes have come and how many the server announced. */
export async function fetchBytes(
  url: string,
  limits: FetchLimits,
  fetch: typeof globalThis.fetch,
  onBytes: (received: number, announced: number | undefined) => void,
): Promise<Uint8Array> {
  const abort = new AbortController();
  const giveUpAfter = (milliseconds: number, message: string, worthRetrying: boolean): NodeJS.Timeout =>
    setTimeout(
      () => abort.abort(new FetchError(`${message} within ${milliseconds / 1000} s`, worthRetrying)),
      milliseconds,
    );
  const total = giveUpAfter(limits.totalMs, 'did not finish', false);
  let waiting = giveUpAfter(limits.connectMs, 'did not answer', false);
  let received = 0;
  try {
    // A server that unzips on the way, or asks the client to, would hide a cut body.
    const response = await fetch(url, { signal: abort.signal, headers: { 'accept-encoding': 'identity' } });
    clearTimeout(waiting);
    const announced = checkHeaders(response, limits.maxBytes);
    const chunks: Uint8Array[] = [];
    waiting = giveUpAfter(limits.stallMs, 'sent nothing more', true);
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      waiting.refresh();
      chunks.push(chunk);
      received += chunk.length;
      if (received > limits.maxBytes) throw tooLarge(limits.maxBytes);
      onBytes(received, announced);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw error instanceof FetchError ? error : inWords(error, received);
  } finally {
    clearTimeout(waiting);
    clearTimeout(total);
    abort.abort();
  }
}

function checkHeaders(response: Response, maxBytes: number): number | undefined {
  const { status, headers } = response;
  if (status !== 200)
    throw new FetchError(`answered with status ${status}`, status >= 500 || status === 408 || status === 429);
  if ((headers.get('content-type') ?? '').startsWith('text/html')) {
    throw new FetchError('sent a web page instead of the file (the sign-in page of a network?)', false);
  }
  const announced = Number(headers.get('content-length') ?? NaN);
  if (announced > maxBytes) throw tooLarge(maxBytes);
  return announced >= 0 ? announced : undefined;
}

function tooLarge(maxBytes: number): FetchError {
  return new FetchError(`sent more than the ${maxBytes} bytes that the file can have`, false);
}

/** fetch says no more than 'fetch failed' or 'terminated'; the reason is in the cause. */
function inWords(error: unknown, received: number): unknown {
  if (!isError(error) || error.name !== 'TypeError') return error;
  const cause = error.cause as { code?: string; message?: string } | undefined;
  const code = cause?.code ?? '';
  const failed = (message: string, worthRetrying: boolean): FetchError =>
    new FetchError(message, worthRetrying, { cause: error });
  if (cause?.message?.includes('redirect count')) return failed('redirected again and again', false);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return failed(`host not found (${code})`, false);
  if (code.includes('CERT') || code.includes('SIGNED') || code.includes('SIGNATURE')) {
    return failed(`its certificate is not trusted (${code}; behind a company's proxy set NODE_EXTRA_CA_CERTS)`, false);
  }
  if (error.message === 'terminated' || code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') {
    return failed(`cut the connection after ${received} bytes`, true);
  }
  return failed(`could not be reached (${code || cause?.message || error.message})`, false);
}
