// decodeImage: JPEG, WebP, GIF and BMP. Files of test/images/samples.json are damaged; what is read has the pixels that Skia finds, which
// has decoders of its own for GIF and BMP, and libjpeg-turbo and libwebp built for this processor.
import { createCanvas, loadImage } from '@napi-rs/canvas';
import * as assert from 'uvu/assert';
import { formatOf, type ImageFormat } from '../../src/images/format.js';
import { readHeader } from '../../src/images/header.js';
import { decodeImage, type Picture } from '../../src/images/index.js';
import { HAS_ALPHA } from '../../src/images/webpHeader.js';
import { samples } from '../images/samples.js';
import { damaged, joined, type Decisions } from './decisions.js';
import { checkRefusal, same, who, type Target, type Verdict } from './target.js';

/** RGBA, not premultiplied, or null where Skia decodes nothing. */
async function skia(file: Uint8Array): Promise<{ rgba: Uint8ClampedArray; width: number; height: number } | null> {
  const image = await loadImage(Buffer.from(file)).catch(() => null);
  if (!image || image.width === 0) return null;
  const { width, height } = image;
  const context = createCanvas(width, height).getContext('2d');
  context.drawImage(image, 0, 0);
  return { rgba: context.getImageData(0, 0, width, height).data, width, height };
}

/** Skia premultiplies: colors are compared where the picture is opaque. */
function checkSame({ data, width, height, channels }: Picture, rgba: Uint8ClampedArray, leavesOut: boolean): void {
  for (let i = 0; i < width * height; i++) {
    const pixel = data.subarray(i * channels, (i + 1) * channels);
    const alpha = channels === 4 ? pixel[3]! : 255;
    if (leavesOut && channels !== 4 && rgba[4 * i + 3] !== 255) continue;
    assert.is(rgba[4 * i + 3], alpha, `opacity of pixel ${i}`);
    if (alpha !== 255) continue;
    for (let c = 0; c < 3; c++) assert.is(rgba[4 * i + c], pixel[channels === 1 ? 0 : c], `pixel ${i}, channel ${c}`);
  }
}

/** A header alone says what is decoded. EXIF behind the pixels turns a picture, and is not looked for in headers. */
async function checkHeader(file: Uint8Array, picture: Picture | undefined): Promise<void> {
  const header = await readHeader(file, who).catch(checkRefusal);
  if (!picture) return;
  const sides = (size: { readonly width: number; readonly height: number } | undefined): string =>
    [size?.width, size?.height].sort().join();
  assert.equal([sides(header), header?.isGray], [sides(picture), picture.channels === 1], 'another header');
}

/** Two samples, of which the first's beginning and the second's end are put together; or one, damaged; or as it is. */
function made(files: readonly Uint8Array[], decisions: Decisions): Uint8Array {
  const file = decisions.pick(files);
  const kind = decisions.below(8);
  if (kind === 0) return file;
  if (kind > 1) return damaged(file, decisions);
  const other = decisions.pick(files);
  return joined(file.subarray(0, decisions.below(file.length)), other.subarray(decisions.below(other.length)));
}

interface Comparison {
  /** Whether pixels of a file that is read are compared; otherwise only their number is checked. */
  readonly isCompared?: (file: Uint8Array) => boolean;
  /** Whether pixels of an opaque file may be clear for Skia: those that its runs leave out, or where it only hints at opacity. */
  readonly leavesOut?: boolean;
}

function imageTarget(format: ImageFormat, { isCompared = () => true, leavesOut = false }: Comparison = {}): Target {
  const own = [...samples].filter(([, { file }]) => formatOf(file) === format);
  const files = own.map(([, { file }]) => file);
  const sound = own.filter(([name]) => name !== 'jpeg 4:4:0').map(([, sample]) => sample);
  const intact = new Set(files);
  return {
    filesEach: 4,
    decisions: [0, 64],
    async check(decisions): Promise<Verdict> {
      const file = made(files, decisions);
      const picture = await decodeImage(file, { who, maxPixels: 1e6 }).catch(checkRefusal);
      await checkHeader(file, picture);
      // A decoder that met a damaged file reads the next one all the same.
      const { file: next, pixels } = decisions.pick(sound);
      assert.ok(same((await decodeImage(next)).data, pixels), 'other pixels after it');
      if (!picture) {
        assert.not.ok(intact.has(file), 'it was to be read');
        return 'refused';
      }
      const { data, width, height, channels } = picture;
      assert.is(data.length, width * height * channels);
      const other = isCompared(file) ? await skia(file) : null;
      if (!other) return 'read';
      assert.equal([width, height], [other.width, other.height]);
      checkSame(picture, other.rgba, leavesOut);
      return 'read';
    },
  };
}

/**
 * Without comments and APPn but EXIF. Damaged tables and codes make coefficients that overflow, in each build in its own way, and versions of
 * libjpeg-turbo smooth blocks of missing scans, and interpolate chroma of half the rows, differently: only what is around is compared.
 */
function codedPart(file: Uint8Array): string {
  const parts: Uint8Array[] = [];
  for (let at = 2; at + 4 <= file.length;) {
    const end = at + 2 + file[at + 2]! * 256 + file[at + 3]!;
    if (file[at] !== 0xff || file[at + 1] === 0xda)
      return Buffer.concat([...parts, file.subarray(at)]).toString('latin1');
    if (file[at + 1]! < 0xe0 || file[at + 1] === 0xe1) parts.push(file.subarray(at, end));
    at = end;
  }
  return '';
}

const soundCodes = new Set(
  [...samples].flatMap(([name, { file }]) => (name === 'jpeg 4:4:0' ? [] : [codedPart(file)])),
);

export const jpeg = imageTarget('JPEG', { isCompared: (file) => soundCodes.has(codedPart(file)) });
/** The VP8 chunks of the samples, with their names. */
const soundLossy = [...samples.values()].flatMap(({ file }) => {
  const at = formatOf(file) === 'WebP' ? Buffer.from(file).indexOf('VP8 ') : -1;
  return at < 0 ? [] : [Buffer.from(file).subarray(at, at + 8 + Buffer.from(file).readUInt32LE(at + 4))];
});

/**
 * Damaged, EXIF is read in several ways, as is the bit of a frame that only hints at opacity, and a header that says nothing of the
 * opacities in the file; and lossy codes that end early continue with what a build reads behind them.
 */
function isAlikeWebp(file: Uint8Array): boolean {
  const bytes = Buffer.from(file);
  const deniesAlpha = bytes.includes('ALPH') && (file[20]! & HAS_ALPHA) === 0;
  return (
    !deniesAlpha &&
    !['EXIF', 'ANMF'].some((type) => bytes.includes(type)) &&
    (!bytes.includes('VP8 ') || soundLossy.some((chunk) => bytes.includes(chunk)))
  );
}

export const webp = imageTarget('WebP', { isCompared: isAlikeWebp, leavesOut: true });
export const gif = imageTarget('GIF');
/** Where pixels have masks Skia has opacities of its own, and rounds 5 bits in its own way. An OS/2 header has its bits a pixel elsewhere. */
const hasMasks = (file: Uint8Array): boolean => [16, 32].includes(file[file[14] === 12 ? 24 : 28]!);
export const bmp = imageTarget('BMP', { isCompared: (file) => !hasMasks(file), leavesOut: true });
