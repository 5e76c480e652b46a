// What the host asks of a runtime.
import type { Tensor } from '../../formats/tensor.ts';

/** A model inside the host. */
export interface HostedModel {
  /** What the opener tells about it: versions, declared inputs and outputs. */
  description: Record<string, unknown>;
  run(inputs: Record<string, Tensor>): Promise<Record<string, Tensor>>;
  /** Runs once and keeps the named results; what an earlier run left is dropped. */
  hold(inputs: Record<string, Tensor>, names: string[]): Promise<void>;
  /** Gives a kept result and forgets it. */
  take(name: string): Tensor;
}
