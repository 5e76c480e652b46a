// What a look inside two models found: every tensor that both have, and the op that departs by itself.
import { z } from 'zod';

const figure = z.number().nullable();

const layer = z.object({
  /** The ONNX tensor and the TensorFlow tensor with the same meaning. */
  onnx: z.string(),
  tensorflow: z.string(),
  /** The ONNX node that makes it: its op, with the domain where that is not ONNX's own, and its name. */
  op: z.string(),
  node: z.string(),
  dtype: z.string(),
  shape: z.array(z.number()),
  passed: z.boolean(),
  maxAbs: figure,
  maxRel: figure,
  meanAbs: figure,
  cosine: figure,
  snrDb: figure,
  /** Root mean square of the difference over that of the ONNX side; null where it is not finite. */
  relativeError: figure,
  failing: z.number(),
  reason: z.string().nullable(),
});

export const layersSchema = z.object({
  /** On which inputs, and by which rule a layer passes. */
  inputs: z.string(),
  runners: z.object({ onnx: z.string(), tensorflow: z.string() }),
  tolerances: z.object({ atol: z.number(), rtol: z.number() }),
  /** In the order in which the ONNX graph computes them. */
  layers: z.array(layer),
  /** ONNX tensors that could not be compared, each with its reason. */
  leftOut: z.array(z.object({ onnx: z.string(), op: z.string(), reason: z.string() })),
  /** Nodes whose bodies are graphs of their own, which are not looked into. */
  bodies: z.array(z.string()),
  /** The first tensor in graph order that is beyond the tolerance; null where all are within. */
  firstDeparture: z.string().nullable(),
  /** How often each side ran: more than once only where all results at once would take too much memory. */
  runs: z.number(),
});

const figures = z.object({ name: z.string(), tensorflow: z.string(), maxAbs: figure, relativeError: figure });

export const bisectSchema = z.object({
  /** The op (or the smallest group between tensors that both sides have) whose own error is beyond its share. */
  found: z
    .object({
      output: z.string(),
      tensorflow: z.string(),
      nodes: z.array(z.object({ op: z.string(), name: z.string() })),
      /** What each input had gathered by then, and what the output had. */
      inputs: z.array(figures),
      inherited: figures,
      /** The op alone on the ONNX side's own inputs: its error, and what rounding those inputs would have changed. */
      own: z.object({ maxAbs: figure, relativeError: figure, rounding: z.number(), share: z.number() }),
      /** Its worst element when run alone, in words. */
      reason: z.string(),
      /** What was written, and the command that repeats the fault. */
      files: z.object({ onnx: z.string(), savedModel: z.string(), inputs: z.string() }),
      command: z.string(),
    })
    .nullable(),
  /** Tensors whose error is above rounding but that their op, run alone, explains by its inputs; in graph order. */
  inherited: z.array(z.string()),
  /** Suspects that could not be run alone, each with its reason. */
  notTried: z.array(z.object({ onnx: z.string(), reason: z.string() })),
});

export type LayersReport = z.infer<typeof layersSchema>;
export type Layer = z.infer<typeof layer>;
export type BisectReport = z.infer<typeof bisectSchema>;
