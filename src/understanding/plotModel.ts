// A drawing of a model as SVG, from its graph.  https://keras.io/api/utils/model_plotting_utils/
import { check } from '../base/errors.js';
import { checkArguments, checkBoolean, checkOptions, describe } from '../base/options.js';
import { formatBatchShape, sameShape, type Shape } from '../base/shape.js';
import type { InspectedModel } from './inspectedModel.js';
import { layOut, type Layout, type Point, type Sized } from './layeredLayout.js';
import { treeOf, type ModelNode } from './modelTree.js';
import { escaped, rounded } from './svg.js';
import { checkModel } from '../training/checkModel.js';

/** Options of {@link plotModel}. */
export interface PlotModelOptions {
  /** Shapes of each layer's inputs and output. Default false. */
  readonly showShapes?: boolean;
  /** 'conv2d_1 (Conv2D)' in place of 'Conv2D'. Default false. */
  readonly showLayerNames?: boolean;
  /** The layers' activations. Default false. */
  readonly showLayerActivations?: boolean;
  /** What nested models are made of. Default false: each is one box. */
  readonly expandNested?: boolean;
  /** Direction: from top to bottom (default), or from left to right. */
  readonly rankdir?: 'TB' | 'LR';
}

/** A box with its place within the box around it. */
interface Box {
  readonly node: ModelNode;
  readonly lines: readonly string[];
  readonly width: number;
  readonly height: number;
  /** What is inside, and how far from the box's corner that begins. */
  readonly inside: { readonly drawing: Drawing; readonly left: number; readonly top: number } | null;
}

/** A place on the drawing. */
interface Spot {
  readonly x: number;
  readonly y: number;
}

interface Frame extends Spot {
  readonly width: number;
  readonly height: number;
}

/** Boxes with the edges between them; edges to and from what is around them end at ports. */
interface Drawing {
  readonly boxes: readonly Box[];
  readonly layout: Layout;
  readonly edges: readonly { readonly tensor: number; readonly from: number; readonly to: number }[];
  /** Numbers in the layout of the ports of tensors that come in and go out. */
  readonly ports: { readonly inputs: ReadonlyMap<number, number>; readonly outputs: ReadonlyMap<number, number> };
}

const [TEXT, LINE, PADDING, MARGIN] = [13, 18, 9, 16];
/** The width of a monospaced letter as a share of the font size: DejaVu Sans Mono's, which no usual font exceeds. */
const LETTER = 0.602;
const LONGEST = 56;

/** Layers of a kind have a color; all else is gray. */
const kinds: readonly (readonly [kind: string, classes: RegExp])[] = [
  ['conv', /Conv/],
  ['pool', /Pooling/],
  ['norm', /Normalization/],
  ['act', /^(Activation|ReLU|LeakyReLU|PReLU|ELU|Softmax)$/],
  ['dense', /Dense|Flatten|Reshape|Permute/],
  ['merge', /^(Add|Average|Concatenate|Maximum|Minimum|Multiply|Subtract)$/],
  ['random', /^(Random|Gaussian)|Dropout/],
];

/** The class keeps the rules to this drawing where it is part of a page. */
const STYLE = `
.wasm-cnn-model text { font: ${TEXT}px "DejaVu Sans Mono", ui-monospace, Menlo, Consolas, monospace; fill: #1a1a1a; }
.wasm-cnn-model .first { font-weight: bold; }
.wasm-cnn-model rect { fill: #f3f3f3; stroke: #767676; }
.wasm-cnn-model .model { fill: none; stroke-dasharray: 5 3; }
.wasm-cnn-model .conv { fill: #dcebf7; stroke: #0072b2; }
.wasm-cnn-model .pool { fill: #fbe5d6; stroke: #d55e00; }
.wasm-cnn-model .norm { fill: #efe3f3; stroke: #8a4f9e; }
.wasm-cnn-model .act { fill: #fdf3cf; stroke: #9a7400; }
.wasm-cnn-model .dense { fill: #ddf1ea; stroke: #00805c; }
.wasm-cnn-model .merge { fill: #ffffff; stroke: #1a1a1a; }
.wasm-cnn-model path { fill: none; stroke: #5c5c5c; stroke-width: 1.3; }
.wasm-cnn-model .head { fill: #5c5c5c; stroke: none; }
@media (prefers-color-scheme: dark) {
  .wasm-cnn-model text { fill: #ececec; }
  .wasm-cnn-model rect { fill: #2c2c2c; stroke: #9a9a9a; }
  .wasm-cnn-model .model { fill: none; }
  .wasm-cnn-model .conv { fill: #12344a; stroke: #56b4e9; }
  .wasm-cnn-model .pool { fill: #4a2a12; stroke: #f0954a; }
  .wasm-cnn-model .norm { fill: #3a2442; stroke: #c79ad6; }
  .wasm-cnn-model .act { fill: #423609; stroke: #e0b93a; }
  .wasm-cnn-model .dense { fill: #0e3b2e; stroke: #3fc79c; }
  .wasm-cnn-model .merge { fill: #1a1a1a; stroke: #ececec; }
  .wasm-cnn-model path { stroke: #b0b0b0; }
  .wasm-cnn-model .head { fill: #b0b0b0; }
}
@media print {
  .wasm-cnn-model text { fill: #1a1a1a; }
}
`;

/**
 * An SVG document of the model's layers and what flows between them, which follows a page's light or dark colors.
 *
 * @example
 * ```js
 * import { layers, plotModel, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 1 })] });
 * plotModel(model, { showShapes: true }).startsWith('<svg'); // true
 * ```
 */
export function plotModel(model: InspectedModel, options: PlotModelOptions = {}): string {
  const who = 'plotModel';
  checkArguments(arguments, 2, who, 'it takes a model and options');
  checkModel(model, who);
  const flags = ['showShapes', 'showLayerNames', 'showLayerActivations', 'expandNested'] as const;
  checkOptions(options, [...flags, 'rankdir'], who);
  for (const flag of flags) checkBoolean(options[flag] ?? false, `${who}'s ${flag}`);
  const { rankdir = 'TB' } = options;
  check(rankdir === 'TB' || rankdir === 'LR', () => `${who}'s rankdir must be 'TB' or 'LR', got ${describe(rankdir)}`);
  const { nodes, shapes } = treeOf(model.topology);
  const plot = new Plot(options, shapes);
  const drawing = plot.drawing(nodes, [], []);
  const { width, height } = plot.sizeOf(drawing.layout);
  const [fullWidth, fullHeight] = [width + 2 * MARGIN, height + 2 * MARGIN].map(Math.ceil);
  const { layers } = model.topology;
  const title = `${model.name}: ${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="wasm-cnn-model" role="img" width="${fullWidth}" height="${fullHeight}" viewBox="0 0 ${fullWidth} ${fullHeight}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    ...plot.draw(drawing, MARGIN, MARGIN),
    '</svg>',
    '',
  ].join('\n');
}

class Plot {
  readonly #options: PlotModelOptions;
  readonly #shapes: readonly Shape[];
  readonly #down: boolean;

  constructor(options: PlotModelOptions, shapes: readonly Shape[]) {
    this.#options = options;
    this.#shapes = shapes;
    this.#down = (options.rankdir ?? 'TB') === 'TB';
  }

  sizeOf({ along, across }: Sized): { width: number; height: number } {
    return this.#down ? { width: across, height: along } : { width: along, height: across };
  }

  /** The nodes' graph, with a port for each tensor that comes from elsewhere or goes there. */
  drawing(nodes: readonly ModelNode[], inputs: readonly number[], outputs: readonly number[]): Drawing {
    const boxes = nodes.map((node) => this.#box(node));
    const along = ({ width, height }: Box): Sized =>
      this.#down ? { along: height, across: width } : { along: width, across: height };
    const port: Sized = { along: 0, across: 0 };
    const first = inputs.length;
    const sizes = [...inputs.map(() => port), ...boxes.map(along), ...outputs.map(() => port)];
    const makers = new Map(inputs.map((tensor, i) => [tensor, i]));
    for (const [i, { outputs: made }] of nodes.entries()) for (const tensor of made) makers.set(tensor, first + i);
    const edges = nodes.flatMap((node, i) =>
      [...new Set(node.inputs)].map((tensor) => ({ tensor, from: makers.get(tensor)!, to: first + i })),
    );
    const last = first + nodes.length;
    edges.push(...outputs.map((tensor, i) => ({ tensor, from: makers.get(tensor)!, to: last + i })));
    return {
      boxes,
      layout: layOut(sizes, edges),
      edges,
      ports: {
        inputs: new Map(inputs.map((tensor, i) => [tensor, i])),
        outputs: new Map(outputs.map((tensor, i) => [tensor, last + i])),
      },
    };
  }

  #box(node: ModelNode): Box {
    const lines = this.#lines(node);
    const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * LETTER * TEXT) + 2 * PADDING;
    const height = lines.length * LINE + 2 * PADDING - 4;
    if (!node.inside || !this.#options.expandNested) return { node, lines, width, height, inside: null };
    const drawing = this.drawing(node.inside, node.inputs, node.outputs);
    const inner = this.sizeOf(drawing.layout);
    // The title stands in the corner, and the ports beside it.
    const ports = [...drawing.ports.inputs.values()].map((port) => drawing.layout.nodes[port]!.across);
    const [left, top] = this.#down ? [Math.max(MARGIN, width - Math.min(...ports)), LINE - 8] : [0, height - 4];
    return {
      node,
      lines,
      width: Math.max(left + inner.width + (this.#down ? MARGIN : 0), width),
      height: top + inner.height + (this.#down ? 0 : MARGIN),
      inside: { drawing, left, top },
    };
  }

  #lines({ name, inputs, outputs, placed, inside }: ModelNode): readonly string[] {
    const { showShapes, showLayerNames, showLayerActivations, expandNested } = this.#options;
    const kind = placed?.layer.className ?? (inside ? 'Model' : 'Input');
    // Within the box of its nested model a layer does without the name of that.
    const own = expandNested ? name.split('.').at(-1)! : name;
    const lines = [showLayerNames ? `${own} (${kind})` : inside ? own : kind];
    const config = placed?.layer.getConfig() ?? {};
    if (showLayerActivations && typeof config.activation === 'string') lines.push(`activation: ${config.activation}`);
    if (inside && !expandNested) lines.push(`${countOf(inside)} layers`);
    if (showShapes && !(inside && expandNested)) {
      const made = formatShapes(outputs.map((tensor) => this.#shapes[tensor]!));
      if (inputs.length === 0) lines.push(made);
      else lines.push(`${formatShapes(inputs.map((tensor) => this.#shapes[tensor]!))} →`, made);
    }
    return lines.map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line));
  }

  /** Its elements, at x, y and right and down from there; `frame`: the box around it, whose border its ports' edges reach. */
  draw({ boxes, layout, edges, ports }: Drawing, x: number, y: number, frame: Frame | null = null): string[] {
    const at = ({ along, across }: Point): Spot =>
      this.#down ? { x: x + across, y: y + along } : { x: x + along, y: y + across };
    const onFrame = (spot: Spot, side: 'start' | 'end'): Spot => {
      const far = side === 'end';
      if (this.#down) return { x: spot.x, y: frame!.y + (far ? frame!.height : 0) };
      return { x: frame!.x + (far ? frame!.width : 0), y: spot.y };
    };
    const first = ports.inputs.size;
    const corners = boxes.map(({ width, height }, i) => {
      const middle = at(layout.nodes[first + i]!);
      return { x: middle.x - width / 2, y: middle.y - height / 2 };
    });
    const drawnEdges = edges.map(({ tensor, from, to }, i) => {
      const points = layout.edges[i]!.map(at);
      const [source, target] = [from - first, to - first];
      if (source < 0) points.unshift(onFrame(points[0]!, 'start'));
      if (target >= boxes.length) points.push(onFrame(points.at(-1)!, 'end'));
      // Where a nested model is expanded, edges meet its ports, which need not be in the middle.
      const start = this.#port('outputs', boxes[source], corners[source], tensor);
      const end = this.#port('inputs', boxes[target], corners[target], tensor);
      if (start) points[0] = start;
      if (end) points[points.length - 1] = end;
      return this.#edge(points, !end && target < boxes.length);
    });
    const drawnBoxes = boxes.flatMap((box, i) => this.#drawBox(box, corners[i]!));
    return [...drawnEdges, ...drawnBoxes];
  }

  /** Spot at which an edge of the tensor meets an expanded nested model. */
  #port(side: 'inputs' | 'outputs', box: Box | undefined, corner: Spot | undefined, tensor: number): Spot | null {
    if (!box?.inside) return null;
    const { drawing, left, top } = box.inside;
    const { across } = drawing.layout.nodes[drawing.ports[side].get(tensor)!]!;
    return this.#down
      ? { x: corner!.x + left + across, y: side === 'inputs' ? corner!.y : corner!.y + box.height }
      : { x: side === 'inputs' ? corner!.x : corner!.x + box.width, y: corner!.y + top + across };
  }

  #edge(points: readonly Spot[], hasHead: boolean): string {
    const [start, ...others] = points;
    let { x, y } = start!;
    const parts = [`M${rounded(x)} ${rounded(y)}`];
    for (const to of others) {
      if (this.#down ? to.x === x : to.y === y) parts.push(`L${rounded(to.x)} ${rounded(to.y)}`);
      else {
        const [middleX, middleY] = [(x + to.x) / 2, (y + to.y) / 2];
        const [a, b] = this.#down
          ? [
              [x, middleY],
              [to.x, middleY],
            ]
          : [
              [middleX, y],
              [middleX, to.y],
            ];
        parts.push(`C${[...a!, ...b!, to.x, to.y].map(rounded).join(' ')}`);
      }
      ({ x, y } = to);
    }
    const head = this.#down
      ? `M${rounded(x - 4)} ${rounded(y - 8)}L${rounded(x + 4)} ${rounded(y - 8)}L${rounded(x)} ${rounded(y)}Z`
      : `M${rounded(x - 8)} ${rounded(y - 4)}L${rounded(x - 8)} ${rounded(y + 4)}L${rounded(x)} ${rounded(y)}Z`;
    return `<path d="${parts.join('')}"/>${hasHead ? `<path class="head" d="${head}"/>` : ''}`;
  }

  #drawBox({ node, lines, width, height, inside }: Box, { x, y }: Spot): string[] {
    const className = node.placed?.layer.className ?? '';
    const kind = inside ? 'model' : (kinds.find(([, classes]) => classes.test(className))?.[0] ?? 'other');
    const text = lines.map((line, i) => {
      const [left, baseline] = [inside ? x + PADDING : x + width / 2, y + PADDING + 11 + i * LINE];
      const anchor = inside ? '' : ' text-anchor="middle"';
      return `<text x="${rounded(left)}" y="${rounded(baseline)}"${anchor}${i === 0 ? ' class="first"' : ''}>${escaped(line)}</text>`;
    });
    return [
      `<g><title>${escaped(className === '' ? node.name : `${node.name} (${className})`)}</title>`,
      `<rect class="${kind}" x="${rounded(x)}" y="${rounded(y)}" width="${rounded(width)}" height="${rounded(height)}" rx="4"/>`,
      ...text,
      ...(inside ? this.draw(inside.drawing, x + inside.left, y + inside.top, { x, y, width, height }) : []),
      '</g>',
    ];
  }
}

/** How many calls of layers are inside, at any depth. */
function countOf(nodes: readonly ModelNode[]): number {
  return nodes.reduce((sum, { inside }) => sum + (inside ? countOf(inside) : 1), 0);
}

/** '[n, 8, 8, 4]', '2 × [n, 8, 8, 4]', or all of them. */
function formatShapes(shapes: readonly Shape[]): string {
  const [first] = shapes;
  if (shapes.length > 1 && shapes.every((shape) => sameShape(shape, first!)))
    return `${shapes.length} × ${formatBatchShape(first!)}`;
  return shapes.map(formatBatchShape).join(', ');
}
