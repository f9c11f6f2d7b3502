import type { Shape } from '../base/shape.js';

export interface NetworkOptions {
  /** [height, width, channels]; each network says its default. */
  readonly inputShape?: Shape;
  /** Default 10, unless the network says another. */
  readonly classes?: number;
  /** Of the first weights and of dropout; default 0. */
  readonly seed?: number;
}
