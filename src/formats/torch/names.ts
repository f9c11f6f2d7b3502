// What torchvision, timm and others call the layers of the networks here: a state dict's prefixes, by the names of src/networks.
//
//   ours                              torchvision             timm                    EfficientNet-PyTorch
//   block_2_expand                    features.3.conv.0.0     blocks.2.0.conv_pw
//   block2b_project_bn                                        blocks.1.1.bn3          _blocks.2._bn2
//   conv3_block1_0_conv               layer2.0.downsample.0   layer2.0.downsample.0
//   predictions                       classifier.1, fc        classifier, fc          _fc
import { scales, type Scale } from '../../networks/preprocessing.js';

/** The prefix of a layer's tensors; undefined where the network has no such layer. */
export type TorchNames = (layer: string) => string | undefined;

/** Blocks of each stage. */
const MOBILE_STAGES = [1, 2, 3, 4, 3, 3, 1];
const LITE_STAGES = [1, 2, 2, 3, 3, 4, 1];

/** 'expand' or 'expand_BN' → its place among a block's convolutions, which begins at 1 for a block that does not expand. */
const PARTS = ['expand', 'depthwise', 'project'];

const table =
  (names: Readonly<Record<string, string>>, others: (layer: string) => string | undefined): TorchNames =>
  (layer) =>
    Object.hasOwn(names, layer) ? names[layer] : others(layer);

/** The number of a block of MobileNetV2, 0 … 16, and its part. */
function mobileBlock(layer: string): { block: number; part: number; isNorm: boolean } | undefined {
  const [, first, number, part, norm] =
    /^(?:(expanded_conv)|block_(\d+))_(expand|depthwise|project)(_BN)?$/.exec(layer) ?? [];
  if (part === undefined) return undefined;
  return { block: first ? 0 : Number(number), part: PARTS.indexOf(part), isNorm: norm !== undefined };
}

/** '2.1' of block 4 where stages have 1, 2, 3 … blocks. */
function stageOf(block: number, stages: readonly number[]): string {
  let stage = 0;
  let rest = block;
  while (rest >= stages[stage]!) rest -= stages[stage++]!;
  return `${stage}.${rest}`;
}

/** timm's names within an inverted residual block, and within the first one, which does not expand. */
function timmPart(expands: boolean, part: number, isNorm: boolean): string {
  if (isNorm) return `bn${part + (expands ? 1 : 0)}`;
  return (expands ? ['conv_pw', 'conv_dw', 'conv_pwl'] : ['', 'conv_dw', 'conv_pw'])[part]!;
}

const torchvisionMobileNetV2 = table(
  {
    Conv1: 'features.0.0',
    bn_Conv1: 'features.0.1',
    Conv_1: 'features.18.0',
    Conv_1_bn: 'features.18.1',
    predictions: 'classifier.1',
  },
  (layer) => {
    const found = mobileBlock(layer);
    if (!found) return undefined;
    const { block, part, isNorm } = found;
    const place = block === 0 ? part - 1 : part;
    const last = part === PARTS.indexOf('project');
    return `features.${block + 1}.conv.${last ? place + (isNorm ? 1 : 0) : `${place}.${isNorm ? 1 : 0}`}`;
  },
);

const timmMobileNetV2 = table(
  { Conv1: 'conv_stem', bn_Conv1: 'bn1', Conv_1: 'conv_head', Conv_1_bn: 'bn2', predictions: 'classifier' },
  (layer) => {
    const found = mobileBlock(layer);
    if (!found) return undefined;
    const { block, part, isNorm } = found;
    return `blocks.${stageOf(block, MOBILE_STAGES)}.${timmPart(block > 0, part, isNorm)}`;
  },
);

/** 'block2b_dwconv' → stage 1, block 1, part 1; its normalization is 'block2b_bn'. */
function liteBlock(layer: string): { stage: number; block: number; part: number; isNorm: boolean } | undefined {
  const [, stage, letter, rest] =
    /^block(\d)([a-d])_(expand_conv|expand_bn|dwconv|bn|project_conv|project_bn)$/.exec(layer) ?? [];
  if (rest === undefined) return undefined;
  const part = rest.startsWith('expand') ? 0 : rest.startsWith('project') ? 2 : 1;
  return { stage: Number(stage) - 1, block: 'abcd'.indexOf(letter!), part, isNorm: rest.endsWith('bn') };
}

const timmLite0 = table(
  { stem_conv: 'conv_stem', stem_bn: 'bn1', top_conv: 'conv_head', top_bn: 'bn2', predictions: 'classifier' },
  (layer) => {
    const found = liteBlock(layer);
    if (!found) return undefined;
    const { stage, block, part, isNorm } = found;
    return `blocks.${stage}.${block}.${timmPart(stage > 0, part, isNorm)}`;
  },
);

const lukemelasLite0 = table(
  { stem_conv: '_conv_stem', stem_bn: '_bn0', top_conv: '_conv_head', top_bn: '_bn1', predictions: '_fc' },
  (layer) => {
    const found = liteBlock(layer);
    if (!found) return undefined;
    const { stage, block, part, isNorm } = found;
    const number = LITE_STAGES.slice(0, stage).reduce((sum, count) => sum + count, block);
    const name = isNorm ? `_bn${part}` : ['_expand_conv', '_depthwise_conv', '_project_conv'][part]!;
    return `_blocks.${number}.${name}`;
  },
);

/** torchvision's, which timm has, too. */
const resNet = table({ conv1_conv: 'conv1', conv1_bn: 'bn1', predictions: 'fc' }, (layer) => {
  const [, stage, block, part, kind] = /^conv([2-5])_block(\d)_([0-3])_(conv|bn)$/.exec(layer) ?? [];
  if (kind === undefined) return undefined;
  const prefix = `layer${Number(stage) - 1}.${Number(block) - 1}`;
  if (part === '0') return `${prefix}.downsample.${kind === 'conv' ? 0 : 1}`;
  return `${prefix}.${kind}${part}`;
});

/** A network here, with the options that make it another library's, and that library's names. */
export interface Architecture {
  readonly network: 'mobileNetV2' | 'efficientNetLite0' | 'resNet18' | 'resNet50';
  readonly options?: { readonly alpha?: number; readonly variant?: 'tensorflow' | 'pytorch' };
  readonly names: TorchNames;
  /** How its published weights take pictures; default as torchvision's and timm's for ImageNet do. */
  readonly scale?: Scale;
}

/** x / 127.5 - 1, of bytes. */
const HALVES: Scale = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

export const architectures = {
  'torchvision/mobilenet_v2': { network: 'mobileNetV2', names: torchvisionMobileNetV2 },
  'torchvision/resnet18': { network: 'resNet18', names: resNet },
  'torchvision/resnet50': { network: 'resNet50', names: resNet },
  'timm/mobilenetv2_050': { network: 'mobileNetV2', options: { alpha: 0.5 }, names: timmMobileNetV2 },
  'timm/mobilenetv2_100': { network: 'mobileNetV2', names: timmMobileNetV2 },
  'timm/mobilenetv2_140': { network: 'mobileNetV2', options: { alpha: 1.4 }, names: timmMobileNetV2 },
  'timm/resnet18': { network: 'resNet18', names: resNet },
  'timm/resnet50': { network: 'resNet50', names: resNet },
  'timm/efficientnet_lite0': { network: 'efficientNetLite0', options: { variant: 'pytorch' }, names: timmLite0 },
  'timm/tf_efficientnet_lite0': { network: 'efficientNetLite0', names: timmLite0, scale: HALVES },
  'lukemelas/efficientnet-lite0': {
    network: 'efficientNetLite0',
    names: lukemelasLite0,
    scale: scales.efficientNetLite0,
  },
} as const satisfies Record<string, Architecture>;

/** Networks of PyTorch whose weights are known by name: library and network. */
export type ArchitectureName = keyof typeof architectures;

export function scaleOf(architecture: ArchitectureName): Scale {
  const { scale = scales.resNet50 }: Architecture = architectures[architecture];
  return scale;
}
