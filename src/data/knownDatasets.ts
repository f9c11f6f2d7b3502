// Data sets of MNIST's form that are known by their bytes, and what their classes are called.
import { mnistSha256 } from './mnist.js';

export const digitNames: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

export interface KnownDataset {
  readonly name: string;
  /** Name as its authors write it. */
  readonly title: string;
  /** Over its four arrays without their headers, as {@link mnistSha256} is. */
  readonly sha256: string;
  readonly classNames: readonly string[];
}

/** All are 28 × 28 gray pixels. */
export const knownDatasets: readonly KnownDataset[] = [
  { name: 'mnist', title: 'MNIST', sha256: mnistSha256, classNames: digitNames },
  {
    // https://github.com/zalandoresearch/fashion-mnist#labels
    name: 'fashion-mnist',
    title: 'Fashion-MNIST',
    sha256: 'ca3ab2a37f845e1b8ae23cab1b51749a3011ba3bf1d9016176d75cbaabac376f',
    classNames: [
      'T-shirt/top',
      'Trouser',
      'Pullover',
      'Dress',
      'Coat',
      'Sandal',
      'Shirt',
      'Sneaker',
      'Bag',
      'Ankle boot',
    ],
  },
];
