// What a Keras configuration (in .keras, .h5 and TF.js layers models) says of inputs, outputs and layers.

import { type Json, list, object, sizes, text } from './json.ts';
import { type Findings, histogram, type ModelTensor } from './report.ts';

/** A layer of a configuration. */
export interface Layer {
  name: string;
  className: string;
  config: Json;
  raw: Json;
}

const MAX_DEPTH = 30;

/** Inputs, outputs and layers of a model's configuration (`{class_name, config}`). */
export function describeConfig(model: Json): Pick<Findings, 'inputs' | 'outputs' | 'ops'> {
  const config = object(model.config);
  const layers = layersOf(model);
  const shapes = consumedShapes(layers);
  const find = (name: string | undefined) => layers.find((layer) => layer.name === name);
  const named = (key: string) => references(config[key]).map(([name]) => find(name));
  const inputs = config.input_layers
    ? named('input_layers')
    : layers.filter((layer) => layer.className === 'InputLayer').slice(0, 1);
  const first = inputs.length > 0 ? inputs : layers.slice(0, 1);
  const outputs = config.output_layers ? named('output_layers') : layers.slice(-1);
  return {
    inputs: first.flatMap((layer) => (layer ? [inputOf(layer, model)] : [])),
    outputs: outputs.flatMap((layer) =>
      layer
        ? [{ name: layer.name, dtype: dtypeOf(layer), shape: shapes.get(layer.name) ?? outputShape(layer) }]
        : [],
    ),
    ops: histogram(classNames(model, 0)),
  };
}

/** Layers of a model's configuration, in its order. */
export function layersOf(model: Json): Layer[] {
  const config = model.config;
  const layers = Array.isArray(config) ? config : list(object(config).layers);
  return layers.map((each) => {
    const raw = object(each);
    const inner = object(raw.config);
    return {
      name: text(raw.name) ?? text(inner.name) ?? '',
      className: text(raw.class_name) ?? '',
      config: inner,
      raw,
    };
  });
}

/** Class names of all layers but inputs, those of models within the model too. */
function classNames(model: Json, depth: number): string[] {
  return layersOf(model).flatMap((layer) => {
    if (layer.className === 'InputLayer') return [];
    const inner = depth < MAX_DEPTH && list(layer.config.layers).length > 0;
    return inner ? classNames(layer.raw, depth + 1) : [layer.className];
  });
}

/** `["a", 0, 0]`, `[["a", 0, 0], …]` or a dict of them → names. */
export function references(value: unknown): [string][] {
  if (!Array.isArray(value)) return Object.values(object(value)).flatMap(references);
  const [name] = value;
  return typeof name === 'string' ? [[name]] : value.flatMap(references);
}

/** What an input layer, or a Sequential model's first layer, takes. */
export function inputOf(layer: Layer, model: Json): ModelTensor {
  const shape =
    layer.config.batch_shape ??
    layer.config.batch_input_shape ??
    object(model.build_config).input_shape ??
    object(layer.raw.build_config).input_shape;
  return { name: layer.name, dtype: dtypeOf(layer), shape: Array.isArray(shape) ? sizes(shape) : null };
}

/** `float32`, or what a policy computes in. */
export function dtypeOf(layer: Layer): string | null {
  const dtype = layer.config.dtype;
  const name = text(dtype) ?? text(object(object(dtype).config).name);
  return name?.replace(/^mixed_/, '') ?? null;
}

/** Shapes of layers' first outputs, as the layers behind them (Keras 3) record them. */
function consumedShapes(layers: Layer[]): Map<string, (number | null)[]> {
  const shapes = new Map<string, (number | null)[]>();
  const visit = (value: unknown, depth: number): void => {
    if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return;
    const { class_name: className, config } = value as Json;
    if (className === '__keras_tensor__') {
      const [name, , output] = list(object(config).keras_history);
      if (typeof name === 'string' && output === 0) shapes.set(name, sizes(object(config).shape));
      return;
    }
    for (const inner of Object.values(value)) visit(inner, depth + 1);
  };
  for (const layer of layers) visit(layer.raw.inbound_nodes, 0);
  return shapes;
}

/** What a layer that maps the last axis makes of the shape that it was built for. */
function outputShape(layer: Layer): (number | null)[] | null {
  const input = object(layer.raw.build_config).input_shape;
  const { units } = layer.config;
  if (layer.className !== 'Dense' || !Array.isArray(input) || typeof units !== 'number') return null;
  return [...sizes(input).slice(0, -1), units];
}
