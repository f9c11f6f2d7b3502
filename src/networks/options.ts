import type { Shape } from '../base/shape.js';

export interface NetworkOptions {
  /** [height, width, channels]; each network says its default. */
  readonly inputShape?: Shape;
  /** Default 10, unless the network says another. */
  readonly classes?: number;
  /** Seed for initialization and dropout. Default 0. */
  readonly seed?: number;
}
