// A Keras model's layers as nodes (configurations of Keras 2 and 3); a model within the model is a group.
import { badInput } from '../../../errors.ts';
import { shapeText } from '../../../formats/tensor.ts';
import { type Json, list, object, sizes, text } from '../../models/json.ts';
import { hdf5Config, kerasConfig } from '../../models/keras.ts';
import { dtypeOf, inputOf, type Layer, layersOf, references } from '../../models/keras-config.ts';
import { checkSize, type GraphNode, graphNode, type ModelGraph, shortText } from '../model-graph.ts';

const MAX_DEPTH = 30;

/** @throws TkError `no-graph` where the file holds weights only; what is damaged and where */
export async function readKerasGraph(file: string): Promise<ModelGraph> {
  return layersGraph(await kerasConfig(file), file);
}

/** @throws TkError `no-graph`; what is damaged and where */
export function readKerasHdf5Graph(file: string): ModelGraph {
  const config = hdf5Config(file);
  if (!config) throw badInput('no-graph', `${file}: holds weights only, so there is no graph to draw`);
  return layersGraph(config, file);
}

/** What a layer's name leads to in the model that it stands in. */
interface Place {
  /** Where what the layer is called with goes in. */
  inputs: number[];
  /** Where its outputs come from. */
  outputs: number[];
}

/** The graph of a configuration (`{class_name, config}`). @throws TkError `too-large` */
export function layersGraph(model: Json, file: string): ModelGraph {
  const nodes: GraphNode[] = [];
  const place = addModel(model, [], nodes, file, 0);
  for (const from of place.outputs) {
    const { name, outputs } = nodes[from]!;
    const inputs = [{ tensor: name, from, control: false, stored: null }];
    nodes.push(
      graphNode({ op: 'Output', kind: 'output', scope: [], label: nodes[from]!.label, inputs, outputs }),
    );
  }
  return { nodes, notes: [] };
}

function addModel(model: Json, scope: string[], nodes: GraphNode[], file: string, depth: number): Place {
  const layers = layersOf(model);
  const config = object(model.config);
  const places = new Map<string, Place>();
  for (const layer of layers) places.set(layer.name, addLayer(layer, model, scope, nodes, file, depth));
  const at = (name: string) => places.get(name);
  if (!config.input_layers)
    return chain(
      layers.flatMap(({ name }) => at(name) ?? []),
      nodes,
    );
  for (const layer of layers) {
    const place = at(layer.name);
    const sources = inbound(layer.raw.inbound_nodes);
    // Several calls of one layer (shared weights) are one node with all that goes in.
    for (const [number, source] of sources.entries()) {
      const target = place?.inputs[number % Math.max(1, place.inputs.length)];
      const from = at(source.layer)?.outputs[source.output] ?? at(source.layer)?.outputs[0];
      if (target !== undefined) connect(nodes, from, target);
    }
  }
  const named = (key: string) => references(config[key]).flatMap(([name]) => at(name) ?? []);
  return {
    inputs: named('input_layers').flatMap(({ inputs }) => inputs),
    outputs: named('output_layers').flatMap(({ outputs }) => outputs.slice(0, 1)),
  };
}

/** Layers of a Sequential model, each after the one before. */
function chain(places: Place[], nodes: GraphNode[]): Place {
  for (const [number, place] of places.entries()) {
    const before = places[number - 1];
    if (before && place.inputs[0] !== undefined) connect(nodes, before.outputs[0], place.inputs[0]);
  }
  return { inputs: places[0]?.inputs ?? [], outputs: places.at(-1)?.outputs ?? [] };
}

function addLayer(
  layer: Layer,
  model: Json,
  scope: string[],
  nodes: GraphNode[],
  file: string,
  depth: number,
): Place {
  if (depth < MAX_DEPTH && list(layer.config.layers).length > 0) {
    return addModel(layer.raw, [...scope, layer.name], nodes, file, depth + 1);
  }
  checkSize(file, nodes.length + 1);
  const isInput = layer.className === 'InputLayer';
  const declared = inputOf(layer, model);
  const outputs = isInput ? [declared] : [];
  const built = object(layer.raw.build_config).input_shape;
  const attributes = settingsOf(layer.config);
  if (Array.isArray(built)) attributes.push(['built for', shapeText(sizes(built))]);
  const index =
    nodes.push(
      graphNode({
        op: layer.className,
        kind: isInput ? 'input' : 'op',
        scope,
        label: layer.name,
        attributes,
        outputs,
        ...(dtypeOf(layer) &&
          !isInput && { outputs: [{ name: layer.name, dtype: dtypeOf(layer), shape: null }] }),
      }),
    ) - 1;
  return { inputs: [index], outputs: [index] };
}

function connect(nodes: GraphNode[], from: number | undefined, to: number): void {
  if (from === undefined) return;
  nodes[to]!.inputs.push({ tensor: nodes[from]!.name, from, control: false, stored: null });
}

/** Settings that are plain values; objects (initialisers, constraints) by their class. */
function settingsOf(config: Json): [string, string][] {
  return Object.entries(config).flatMap(([name, value]): [string, string][] => {
    if (value === null || name === 'name' || name === 'layers') return [];
    const shown =
      typeof value === 'object' && !Array.isArray(value)
        ? (text(object(value).class_name) ?? '')
        : typeof value === 'string'
          ? value
          : (JSON.stringify(value) ?? '');
    return shown === '' ? [] : [[shortText(name), shortText(shown)]];
  });
}

/** Layers that a layer is called with: Keras 2's lists `["a", 0, 0, {}]`, and Keras 3's tensors with their history. */
function inbound(value: unknown): { layer: string; output: number }[] {
  const found: { layer: string; output: number }[] = [];
  const visit = (each: unknown, depth: number): void => {
    if (depth > MAX_DEPTH || typeof each !== 'object' || each === null) return;
    if (Array.isArray(each)) {
      const [layer, node, output] = each;
      if (typeof layer === 'string' && typeof node === 'number') {
        found.push({ layer, output: typeof output === 'number' ? output : 0 });
        visit(each[3], depth + 1);
      } else for (const inner of each) visit(inner, depth + 1);
      return;
    }
    const { class_name: className, config } = each as Json;
    if (className === '__keras_tensor__') visit(object(config).keras_history, depth + 1);
    else for (const inner of Object.values(each)) visit(inner, depth + 1);
  };
  visit(value, 0);
  return found;
}
