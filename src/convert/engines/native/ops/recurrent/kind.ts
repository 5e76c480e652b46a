// What a recurrent layer is made of: a kind of step, and the weights that one direction brings to it.
import type { TfTensor } from '../../graph.ts';
import type { Call } from '../entry.ts';

export type B = Call['b'];
export type Activation = (b: B, x: TfTensor) => TfTensor;

/** A matrix; where it is of integers, with its scale, what it is multiplied by is made integers too. */
export interface Matrix {
  x: TfTensor;
  scale?: TfTensor;
}

/** One direction's weights and first states. */
export interface Cell {
  b: B;
  call: Call;
  hidden: number;
  activations: Activation[];
  /** [in, gates · hidden] and [hidden, gates · hidden]. */
  w: Matrix;
  r: Matrix;
  /** Biases, each [gates · hidden], that are added to the inputs' product and in each step. */
  wb: TfTensor | undefined;
  rb: TfTensor;
  /** Peepholes of an LSTM: input, output, forget. */
  peepholes: TfTensor[];
}

/** States before a step and x · W for it, to states after it; the first state is the output. */
export type Step = (cell: Cell, x: TfTensor, states: TfTensor[]) => TfTensor[];

export interface Kind {
  gates: number;
  states: number;
  activations: string[];
  step: Step;
  /** Weights are integers with scales, and inputs and states become integers as it runs: onnxruntime's. */
  quantised?: boolean;
}

export interface Way {
  backwards: boolean;
  at: number;
  batchFirst: boolean;
}

/** What one direction gives: outputs [length, batch, hidden] and last states. */
export interface Run {
  outputs: TfTensor;
  states: TfTensor[];
}
