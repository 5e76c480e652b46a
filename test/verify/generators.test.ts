// What seeded inputs are drawn from, by flag, name and type, the tables that they index and their encoders; sizes; stress.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DType, Tensor, TensorSpec } from '../../src/formats/tensor.ts';
import { locateEnvironment } from '../../src/runtime/environment.ts';
import { type GenerateOptions, generateSources } from '../../src/verify/inputs/generate.ts';
import { parseGenerators } from '../../src/verify/inputs/generators.ts';
import { guessedSources } from '../../src/verify/inputs/guess.ts';
import { knownOfInputs } from '../../src/verify/inputs/known.ts';
import { stressSources } from '../../src/verify/inputs/stress.ts';

const folder = mkdtempSync(join(tmpdir(), 'tk-generators-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const spec = (name: string, dtype: DType, shape: TensorSpec['shape']): TensorSpec => ({ name, dtype, shape });

async function one(of: TensorSpec, options: Partial<GenerateOptions> = {}): Promise<number[]> {
  const { sources } = generateSources([of], { seed: 1, reference: [], ...options });
  const { inputs } = await sources[0]!.read();
  return Array.from(inputs[of.name]!.data as Float32Array, Number);
}
const drawn = (of: TensorSpec, text: string) => one(of, { generators: parseGenerators([text]) });

describe('--input-gen', () => {
  it('draws normal, uniform and whole numbers as it says', async () => {
    const x = spec('x', 'float32', [10_000]);
    const normal = await drawn(x, 'x:normal(5,0.5)');
    const mean = normal.reduce((sum, value) => sum + value, 0) / normal.length;
    // Five standard errors of 0.5/100.
    expect(Math.abs(mean - 5)).toBeLessThan(0.025);
    const uniform = await drawn(x, 'x: uniform(-1,3)');
    expect([Math.min(...uniform) >= -1, Math.max(...uniform) <= 3]).toEqual([true, true]);
    expect(Math.max(...uniform)).toBeGreaterThan(2.9);
    const ids = await drawn(spec('x', 'int64', [10_000]), 'x:tokens(3)');
    expect([...new Set(ids)].sort()).toEqual([0, 1, 2]);
  });

  it('draws whole numbers beyond 2^31 and 2^32, exactly', async () => {
    const wide = await drawn(spec('x', 'int64', [1000]), 'x:int(-9007199254740991,9007199254740991)');
    expect(wide.every(Number.isSafeInteger)).toBe(true);
    expect(wide.some((value) => Math.abs(value) > 2 ** 52)).toBe(true);
    const high = await drawn(spec('x', 'int64', [100]), 'x:int(4294967296,4294967299)');
    expect([...new Set(high)].sort()).toEqual([4294967296, 4294967297, 4294967298, 4294967299]);
  });

  it('takes a name with colons, the generator being the last part', () => {
    expect([...parseGenerators(['a:0:mask']).keys()]).toEqual(['a:0']);
  });

  it.each(['x', 'x:gauss(0,1)', 'x:normal(0)', 'x:int(2,1)', 'x:int(0.5,1)', 'x:mask(3)', ':mask'])(
    'refuses %s',
    (text) => expect(() => parseGenerators([text])).toThrow(`--input-gen ${text} cannot be read`),
  );

  it('refuses a generator that the type cannot hold', async () => {
    await expect(drawn(spec('x', 'int32', [3]), 'x:normal(0,1)')).rejects.toThrow(
      'input x is int32, which the generator normal cannot fill',
    );
  });
});

describe('without it', () => {
  it('masks are ones, then zeros, at least half of each row ones', async () => {
    const rows = await one(spec('attention_mask', 'int64', [50, 8]));
    const texts = Array.from({ length: 50 }, (_, row) => rows.slice(row * 8, row * 8 + 8).join(''));
    expect(texts.every((text) => /^1{4,8}0*$/.test(text))).toBe(true);
    expect(new Set(texts).size).toBe(5);
  });

  it('segments are zeros, then ones; positions count; lengths are above 0', async () => {
    expect((await one(spec('token_type_ids', 'int64', [1, 8]))).join('')).toMatch(/^0{4,8}1*$/);
    expect(await one(spec('position_ids', 'int32', [2, 4]))).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
    expect(Math.min(...(await one(spec('lengths', 'int32', [200]))))).toBe(1);
  });

  it('strings are numerals where the model says that it reads them so', async () => {
    const numerals = new Set(['t']);
    const { sources } = generateSources([spec('t', 'string', [200])], { seed: 1, reference: [], numerals });
    const { inputs } = await sources[0]!.read();
    const texts = inputs.t!.data as string[];
    expect(texts.every((text) => /^\d{1,3}$/.test(text) && Number(text) <= 255)).toBe(true);
    expect(new Set(texts).size).toBeGreaterThan(50);
  });

  it('ids stay within the table that they index', async () => {
    const path = join(folder, 'tables.onnx');
    execFileSync(locateEnvironment().python, ['-c', TABLES, path]);
    expect([...knownOfInputs(path).rows]).toEqual([
      ['ids', 7],
      ['kinds', 2],
    ]);
    const ids = await one(spec('ids', 'int64', [1000]), { rows: knownOfInputs(path).rows });
    expect([...new Set(ids)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('an open number of channels is that of the convolution that reads them, and such inputs are pictures', async () => {
    const path = join(folder, 'channels.onnx');
    execFileSync(locateEnvironment().python, ['-c', CHANNELS, path]);
    const { channels } = knownOfInputs(path);
    expect([...channels]).toEqual([
      ['pixel_values', 3],
      ['grouped', 4],
    ]);
    // As Optimum names the sizes of every network over pictures.
    const pixels = spec('pixel_values', 'float32', ['batch_size', 'num_channels', 'height', 'width']);
    const { sources, sizes } = generateSources([pixels], { seed: 1, reference: [], batches: [2], channels });
    expect((await sources[0]!.read()).inputs.pixel_values!.shape).toEqual([2, 3, 64, 64]);
    expect(sizes).toEqual(['height = 64 (default)', 'num_channels = 3', 'width = 64 (default)']);
  });

  it('categories are those that the encoder of each column knows; unknown ones come up where it takes them', async () => {
    const path = join(folder, 'categories.onnx');
    execFileSync(locateEnvironment().python, ['-c', ENCODERS, path]);
    const categories = knownOfInputs(path).categories;
    expect(Object.fromEntries(categories)).toEqual({
      city: [{ values: ['Rome', 'Oslo'], only: true }],
      both: [
        { values: ['S', 'M'], only: false },
        { values: ['red', 'blue'], only: true },
      ],
      code: [{ values: [7, 9], only: false }],
    });
    const drawn = async (of: TensorSpec) => {
      const { sources } = generateSources([of], { seed: 1, reference: [], categories });
      return Array.from((await sources[0]!.read()).inputs[of.name]!.data as string[]);
    };
    expect(new Set(await drawn(spec('city', 'string', [100, 1])))).toEqual(new Set(['Rome', 'Oslo']));
    const both = await drawn(spec('both', 'string', [200, 2]));
    expect(new Set(both.filter((_, at) => at % 2 === 1))).toEqual(new Set(['red', 'blue']));
    const sizes = both.filter((_, at) => at % 2 === 0);
    const known = sizes.filter((word) => word === 'S' || word === 'M').length;
    expect([known > 150, known < 200]).toEqual([true, true]);
    const codes = await one(spec('code', 'int64', [300, 1]), { categories });
    expect(codes.filter((code) => code === 7 || code === 9).length).toBeGreaterThan(225);
  });
});

/** `ids` indexes a table of 9 rows, and cast to int32 one of 7; `kinds` one of 2; `other` columns, not rows. */
const CHANNELS = `
import sys
import numpy as np
import onnx
from onnx import numpy_helper, parser
model = parser.parse_model('''
  <ir_version: 8, opset_import: ["" : 17]>
  g (uint8[N, C, H, W] pixel_values, float[N, D, H, W] grouped, float[N, E, H, W] computed)
      => (float[N, K, A, B] y, float[N, K, A, B] z, float[N, K, A, B] u) {
    real = Cast<to = 1>(pixel_values)
    y = Conv(real, w)
    z = Conv<group = 2>(grouped, v)
    u = Relu(computed)
  }''')
for name, shape in (('w', [2, 3, 1, 1]), ('v', [2, 2, 1, 1])):
    model.graph.initializer.append(numpy_helper.from_array(np.ones(shape, np.float32), name))
onnx.save(model, sys.argv[1])
`;

const TABLES = `
import sys, numpy as np, onnx
from onnx import TensorProto, helper, numpy_helper
table = lambda name, rows: numpy_helper.from_array(np.zeros((rows, 4), np.float32), name)
ints = lambda name: helper.make_tensor_value_info(name, TensorProto.INT64, ["T"])
nodes = [
    helper.make_node("Gather", ["nine", "ids"], ["a"]),
    helper.make_node("Cast", ["ids"], ["narrow"], to=TensorProto.INT32),
    helper.make_node("Gather", ["seven", "narrow"], ["b"]),
    helper.make_node("Gather", ["two", "kinds"], ["c"]),
    helper.make_node("Gather", ["two", "other"], ["d"], axis=1),
]
outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "abcd"]
graph = helper.make_graph(nodes, "g", [ints("ids"), ints("kinds"), ints("other")], outputs,
    [table("nine", 9), table("seven", 7), table("two", 2)])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), sys.argv[1])
`;

/** As skl2onnx writes encoders: columns joined, then picked; `code` is made whole numbers first. */
const ENCODERS = `
import sys, numpy as np, onnx
from onnx import TensorProto, helper, numpy_helper
ml = dict(domain="ai.onnx.ml")
nodes = [
    helper.make_node("Concat", ["both", "city"], ["all"], axis=1),
    helper.make_node("Gather", ["all", "at0"], ["column0"], axis=1),
    *(helper.make_node("ArrayFeatureExtractor", ["all", f"at{i}"], [f"column{i}"], **ml) for i in (1, 2)),
    helper.make_node("LabelEncoder", ["column0"], ["size"], keys_strings=["S", "M"], values_int64s=[1, 2], **ml),
    helper.make_node("OneHotEncoder", ["column1"], ["colour"], cats_strings=["red", "blue"], zeros=0, **ml),
    helper.make_node("OneHotEncoder", ["column2"], ["place"], cats_strings=["Rome", "Oslo"], zeros=0, **ml),
    helper.make_node("Cast", ["code"], ["whole"], to=TensorProto.INT64),
    helper.make_node("OneHotEncoder", ["whole"], ["coded"], cats_int64s=[7, 9], zeros=1, **ml),
]
inputs = [
    helper.make_tensor_value_info("city", TensorProto.STRING, ["N", 1]),
    helper.make_tensor_value_info("both", TensorProto.STRING, ["N", 2]),
    helper.make_tensor_value_info("code", TensorProto.INT32, ["N", 1]),
]
outputs = [helper.make_tensor_value_info("size", TensorProto.INT64, None)]
outputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("colour", "place", "coded")]
graph = helper.make_graph(nodes, "g", inputs, outputs,
    [numpy_helper.from_array(np.array([i]), f"at{i}") for i in range(3)])
opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
onnx.save(helper.make_model(graph, opset_imports=opsets), sys.argv[1])
`;

describe('sizes', () => {
  const x = spec('x', 'float32', ['N', 'T', null]);
  const shapes = async (options: Partial<GenerateOptions>) => {
    const { sources } = generateSources([x], { seed: 1, reference: [], ...options });
    const cases = await Promise.all(sources.map((source) => source.read()));
    return cases.map(({ label, inputs }) => `${label}: ${inputs.x?.shape.join('x')}`);
  };

  it('are every batch with every size of a dimension', async () => {
    expect(await shapes({ batches: [1, 4], dims: { T: [3, 7], 'x, axis 2': [2] } })).toEqual([
      'seed 1, batch 1, T = 3, x, axis 2 = 2: 1x3x2',
      'seed 1, batch 1, T = 7, x, axis 2 = 2: 1x7x2',
      'seed 1, batch 4, T = 3, x, axis 2 = 2: 4x3x2',
      'seed 1, batch 4, T = 7, x, axis 2 = 2: 4x7x2',
    ]);
  });

  it('are the batch’s wherever a symbol stands that is first in some input, as with an LSTM’s state', async () => {
    const state = spec('h', 'float32', [2, 'N', 6]);
    const { sources } = generateSources([x, state], { seed: 1, reference: [], batches: [3] });
    expect((await sources[0]!.read()).inputs.h?.shape).toEqual([2, 3, 6]);
  });

  it('are refused where nothing has them', () => {
    const plan = (options: Partial<GenerateOptions>, of = x) =>
      generateSources([of], { seed: 1, reference: [], ...options });
    expect(() => plan({ dims: { U: [3] } })).toThrow('no input has the dynamic dimension U');
    expect(() => plan({ batches: [2] }, spec('x', 'float32', [3]))).toThrow(
      '--batch: the first dimension of every input is fixed',
    );
    expect(() => plan({ dims: { T: Array.from({ length: 400 }, (_, i) => i + 1) } })).toThrow(
      '--batch and --dim make more than 1000 combinations',
    );
  });
});

describe('guesses', () => {
  const signal = spec('signal', 'float32', ['N', 'L']);
  const places = spec('places', 'int64', ['N', 4]);
  /** What each case was in the end, and how often a model was asked that takes what `takes` says. */
  async function guessed(of: TensorSpec[], takes: (inputs: Record<string, Tensor>) => boolean) {
    let asked = 0;
    const runs = async ({ inputs }: { inputs: Record<string, Tensor> }) => {
      asked += 1;
      return takes(inputs);
    };
    const options = { seed: 1, reference: [], batches: [2] };
    const { sources, sizes, generators } = await guessedSources(of, options, runs);
    const { inputs } = await sources[0]!.read();
    return { inputs, sizes, generators, asked };
  }

  it('of a size go on until the model runs: a network over sound takes thousands of samples', async () => {
    const { inputs, sizes } = await guessed([signal], ({ signal }) => signal!.shape[1]! >= 1000);
    expect(inputs.signal?.shape).toEqual([2, 2048]);
    expect(sizes).toEqual(['L = 2048 (default)']);
  });

  it('of integers shrink until the model runs: they may be places in another input', async () => {
    const image = spec('image', 'float32', ['N', 3]);
    const fits = ({ places }: Record<string, Tensor>) =>
      Array.from(places!.data as BigInt64Array).every((at) => at < 2n);
    const { inputs, generators } = await guessed([image, places], fits);
    expect(fits(inputs)).toBe(true);
    expect(generators).toContain('places: int(0,1)');
  });

  it('are the usual ones, as before, where the model takes none', async () => {
    const { inputs, sizes } = await guessed([signal], () => false);
    expect([inputs.signal?.shape, sizes]).toEqual([[2, 32], ['L = 32 (default)']]);
  });

  it('are not tried where nothing is a guess', async () => {
    expect((await guessed([spec('x', 'float32', ['N', 3])], () => true)).asked).toBe(0);
  });

  it('of pictures begin with 64 places: of 32 many networks leave less than their last pool slides over', async () => {
    for (const shape of [
      ['N', 3, 'H', 'W'],
      ['N', 'H', 'W', 1],
    ]) {
      const { inputs } = await guessed([spec('x', 'float32', shape)], () => true);
      expect(inputs.x?.shape).toEqual(
        shape.map((size) => (size === 'N' ? 2 : typeof size === 'string' ? 64 : size)),
      );
    }
  });

  it('may be the batch, where an input begins with the number of layers: a state, as Silero’s', async () => {
    const state = spec('state', 'float32', [2, null, 128]);
    const sound = spec('sound', 'float32', [null, null]);
    const { inputs, sizes } = await guessed(
      [sound, state],
      ({ sound, state }) => sound!.shape[0] === state!.shape[1] && sound!.shape[1]! > 200,
    );
    expect([inputs.sound?.shape, inputs.state?.shape]).toEqual([
      [2, 224],
      [2, 2, 128],
    ]);
    expect(sizes).toEqual(['sound, axis 1 = 224 (default)', 'state, axis 1 = the batch (default)']);
  });

  it('have the length that Optimum traces sentences at, which some networks then take alone (Nyströmformer)', async () => {
    const ids = spec('input_ids', 'int64', ['N', 'S']);
    const { sizes } = await guessed([ids], ({ input_ids }) => input_ids!.shape[1] === 16);
    expect(sizes).toEqual(['S = 16 (default)']);
  });

  it('of sentences are short where those of pictures are large, as CLIP’s are', async () => {
    const pixels = spec('pixels', 'float32', ['I', 3, 'H', 'W']);
    const ids = spec('ids', 'int64', ['T', 'S']);
    const { inputs } = await guessed(
      [ids, pixels],
      ({ ids, pixels }) => pixels!.shape[2] === 224 && ids!.shape[1]! <= 77,
    );
    expect([inputs.ids?.shape, inputs.pixels?.shape]).toEqual([
      [2, 16],
      [2, 3, 224, 224],
    ]);
  });

  it('of pictures stay small', async () => {
    const sizes: number[] = [];
    await guessed([spec('x', 'float32', ['N', 3, 'H', 'W'])], ({ x }) => sizes.push(x!.shape[2]!) < 0);
    expect(Math.max(...sizes)).toBe(512);
  });
});

describe('--stress', () => {
  it('makes zeros, ones, extremes, denormals, one NaN and one infinity, in the type of the input', async () => {
    const tensors: Record<string, Tensor> = {
      x: { dtype: 'float32', shape: [3], data: Float32Array.of(1.5, -2, 3) },
      h: { dtype: 'float16', shape: [2], data: Uint16Array.of(0x3c00, 0xc000) },
      n: { dtype: 'int32', shape: [1], data: Int32Array.of(7) },
    };
    const ordinary = { label: 'a', read: async () => ({ label: 'a', inputs: tensors, reference: null }) };
    const cases = await Promise.all(stressSources(ordinary).map((source) => source.read()));
    const values = (name: string) =>
      cases.map(({ label, inputs }) => [label, Array.from(inputs[name]!.data as Float32Array)]);
    const largest = (2 - 2 ** -23) * 2 ** 127;
    const least = 2 ** -149;
    expect(values('x')).toEqual([
      ['stress zeros', [0, 0, 0]],
      ['stress ones', [1, 1, 1]],
      ['stress extremes', [largest, -largest, largest]],
      ['stress denormals', [least, -2 * least, 3 * least]],
      ['stress NaN', [Number.NaN, -2, 3]],
      ['stress infinity', [Number.POSITIVE_INFINITY, -2, 3]],
    ]);
    expect(values('h').map(([, bits]) => bits)).toEqual([
      [0, 0],
      [0x3c00, 0x3c00],
      [0x7bff, 0xfbff],
      [1, 0x8002],
      [0x7e00, 0xc000],
      [0x7c00, 0xc000],
    ]);
    expect(values('n').every(([, value]) => (value as number[])[0] === 7)).toBe(true);
    expect(cases.every(({ stress }) => stress)).toBe(true);
  });
});
