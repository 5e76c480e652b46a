// A model opened for a look inside, whatever runs it.
import type { Tensor } from '../formats/tensor.ts';
import type { ModelHost } from './host/client.ts';
import type { Endpoint } from './host/protocol.ts';
import type { RuntimeName } from './runner.ts';
import type { SignatureEndpoint } from './signature.ts';

/** A model whose inner tensors can be read. */
export interface LayerRunner {
  readonly runtime: RuntimeName;
  /** Where it runs; another model may be opened there, which takes this one's place. Null for the Python worker. */
  readonly host: ModelHost | null;
  /** Runs once up to the named tensors and keeps them; what was kept before is dropped. */
  hold(inputs: Record<string, Tensor>, names: string[]): Promise<void>;
  /**
   * Gives a kept tensor and forgets it.
   *
   * @throws TkError `runtime-refused` (exit 2) where the runtime cannot carry its type
   */
  take(name: string): Promise<Tensor>;
  close(): Promise<void>;
}

/** A SavedModel's signature, whose outputs may be any tensors of its graph. */
export interface SavedModelTensors {
  key: string;
  tags: string[];
  inputs: SignatureEndpoint[];
  outputs: Endpoint[];
}
