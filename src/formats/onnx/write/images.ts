// Images with more around them or less, and of another size.
import type { Shape } from '../../../base/shape.js';
import type { GraphWriter, LayerOut, Written } from './graphWriter.js';

type Side = readonly [number, number];

function padded(graph: GraphWriter, x: Written, [rows, columns]: readonly [Side, Side]): Written {
  const pads = graph.ints([0, 0, rows[0], columns[0], 0, 0, rows[1], columns[1]]);
  const [height, width, channels] = x.shape as [number, number, number];
  const shape = [height + rows[0] + rows[1], width + columns[0] + columns[1], channels];
  return { shape, image: graph.node('Pad', [graph.image(x), pads]) };
}

/** The part of an image that begins at [top, left]. */
function cropped(graph: GraphWriter, x: Written, [top, left]: readonly [number, number], output: Shape): Written {
  const [height, width] = output as [number, number];
  const inputs = [graph.ints([top, left]), graph.ints([top + height, left + width]), graph.ints([2, 3])];
  return { shape: [height, width, x.shape[2]!], image: graph.node('Slice', [graph.image(x), ...inputs]) };
}

function centered(graph: GraphWriter, x: Written, output: Shape): Written {
  const [top, left] = [0, 1].map((axis) => Math.floor((x.shape[axis]! - output[axis]!) / 2)) as [number, number];
  const isWhole = x.shape[0] === output[0] && x.shape[1] === output[1];
  return isWhole ? x : cropped(graph, x, [top, left], output);
}

export function writeZeroPadding(graph: GraphWriter, { config }: LayerOut, x: Written): Written {
  return padded(graph, x, config.padding as readonly [Side, Side]);
}

/** Cropping2D, and RandomCrop as it is outside of training: the middle, of a small image within zeros. */
export function writeCrop(graph: GraphWriter, { className, config }: LayerOut, x: Written, output: Shape): Written {
  if (className === 'Cropping2D') {
    const [[top], [left]] = config.cropping as readonly [Side, Side];
    return cropped(graph, x, [top, left], output);
  }
  const [above, before] = [0, 1].map((axis) => Math.max(0, output[axis]! - x.shape[axis]!)) as [number, number];
  const side = (all: number): Side => [Math.floor(all / 2), all - Math.floor(all / 2)];
  return centered(graph, above + before > 0 ? padded(graph, x, [side(above), side(before)]) : x, output);
}

function resized(graph: GraphWriter, x: Written, [height, width]: Shape, interpolation: string): Written {
  if (x.shape[0] === height && x.shape[1] === width) return x;
  const image = graph.image(x);
  // The sizes of the batch and the channels, then ours: a scale would be rounded.
  const first = graph.node('Slice', [graph.node('Shape', [image]), graph.ints([0]), graph.ints([2])]);
  const sizes = graph.node('Concat', [first, graph.ints([height!, width!])], { axis: 0 });
  const nearest = { mode: 'nearest', coordinate_transformation_mode: 'half_pixel', nearest_mode: 'round_prefer_ceil' };
  const linear = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
  const y = graph.node('Resize', [image, '', '', sizes], interpolation === 'nearest' ? nearest : linear);
  return { shape: [height!, width!, x.shape[2]!], image: y };
}

/** Resizing, UpSampling2D and CenterCrop. */
export function writeResize(graph: GraphWriter, { className, config }: LayerOut, x: Written, output: Shape): Written {
  const [height, width] = output as [number, number];
  const [inH, inW] = x.shape as [number, number];
  const isCenter = className === 'CenterCrop';
  if (isCenter && inH >= height && inW >= width) return centered(graph, x, output);
  let part = x;
  if (isCenter || config.cropToAspectRatio === true) {
    // The middle with the proportions of the output.
    const cropH = Math.max(1, Math.min(inH, Math.floor((inW * height) / width)));
    const cropW = Math.max(1, Math.min(inW, Math.floor((inH * width) / height)));
    part = centered(graph, x, [cropH, cropW]);
  }
  return resized(graph, part, output, isCenter ? 'bilinear' : (config.interpolation as string));
}
