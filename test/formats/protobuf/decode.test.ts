// The reader by position: equal to the generated codec, small in memory on large files, and calm on damaged ones.
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { TkError } from '../../../src/errors.ts';
import { decodeFile } from '../../../src/formats/protobuf/decode.ts';
import type { PlainMessage } from '../../../src/formats/protobuf/schema.ts';
import { parseText } from '../../../src/formats/protobuf/text.ts';
import { FileWindow } from '../../../src/formats/protobuf/window.ts';
import { tensorflow } from '../../../src/formats/savedmodel/generated/savedmodel.js';
import { schema } from '../../../src/formats/savedmodel/generated/savedmodel.schema.ts';
import { gatherReport } from '../../../src/inspect/gather.ts';
import { showAll } from '../../../src/inspect/text.ts';
import { hasShared, repoRoot, sharedData } from '../../support/shared.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tk-decode-'));
const fixtures = ['inputs_logits', 'saved_models/options', 'saved_models/tensorflow1'].map((name) =>
  join(repoRoot, 'fixtures', name, 'saved_model.pb'),
);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function decodeWhole(file: string): PlainMessage {
  const window = new FileWindow(file);
  try {
    return decodeFile(window, schema, 'SavedModel', { maxBytes: 2 ** 30 });
  } finally {
    window.close();
  }
}

/**
 * The codec's instances and the reader's objects as comparable plain data: fields at their default are left out, and so
 * are the empty maps that the codec sets (objects of no class; its messages are instances of theirs).
 */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if ('low' in value && 'high' in value) return `${value.low} ${value.high}`;
  const prototype = Object.getPrototypeOf(value);
  const ofCodec = prototype !== null && prototype !== Object.prototype;
  const entries = Object.keys(value)
    .map((key) => [key, (value as PlainMessage)[key]] as const)
    .filter(([, item]) => !(ofCodec && isEmptyMap(item)))
    .map(([key, item]) => [key, plain(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => !isDefault(item)).sort());
}

function isEmptyMap(item: unknown): boolean {
  const prototype = typeof item === 'object' && item !== null ? Object.getPrototypeOf(item) : undefined;
  return (prototype === Object.prototype || prototype === null) && Object.keys(item as object).length === 0;
}

function isDefault(item: unknown): boolean {
  if (item === '' || item === 0 || item === false || item === null || item === undefined) return true;
  return item === '0 0' || (Array.isArray(item) && item.length === 0);
}

describe('decodeFile', () => {
  it.each(fixtures)('reads what the generated codec reads: %s', (file) => {
    const codec = tensorflow.SavedModel.decode(readFileSync(file));
    expect(plain(decodeWhole(file))).toEqual(plain(codec));
  });

  it.skipIf(!hasShared)('reads what the codec reads of every collected model (needs shared/data)', () => {
    const files = readdirSync(sharedData('savedmodels'))
      .map((name) => join(sharedData('savedmodels', name), 'saved_model.pb'))
      .filter(
        (file) =>
          !file.includes('pbtxt') && !file.includes('_graphdefs') && !file.endsWith('.tsv/saved_model.pb'),
      );
    for (const file of files) {
      expect(plain(decodeWhole(file)), file).toEqual(plain(tensorflow.SavedModel.decode(readFileSync(file))));
    }
    expect(files).toHaveLength(40);
  });

  it('merges a message that occurs twice and takes the last of a scalar', () => {
    const file = join(scratch, 'twice.pb');
    const part = (version: string, tags: string[]) =>
      tensorflow.MetaGraphDef.encode({ metaInfoDef: { tensorflowVersion: version, tags } }).finish();
    writeFileSync(file, wrapped(Buffer.concat([part('1', ['a']), part('2', ['b'])])));
    const { metaGraphs } = decodeWhole(file) as tensorflow.SavedModel.$Properties;
    expect(metaGraphs?.[0]?.metaInfoDef).toEqual({ tensorflowVersion: '2', tags: ['a', 'b'] });
  });

  it('reads past unknown fields of every wire type', () => {
    const file = join(scratch, 'unknown.pb');
    // Field 100 as number, 8 bytes, text, group (with a text inside) and 4 bytes; then the schema version, 1.
    const unknown = [
      'a00601',
      'a1060102030405060708',
      'a2060161',
      'a306',
      '0a0161',
      'a406',
      'a50601020304',
      '0801',
    ];
    writeFileSync(file, Buffer.from(unknown.join(''), 'hex'));
    expect(plain(decodeWhole(file))).toEqual({ savedModelSchemaVersion: '1 0' });
  });

  it('seeks over a constant of 1.5 GB', () => {
    const file = join(scratch, 'large.pb');
    const constant = 1_500_000_000;
    const tail = tensorflow.NodeDef.encode({ name: 'after', op: 'AfterTheConstant' }).finish();
    const head = tensorflow.NodeDef.encode({ name: 'weights', op: 'Const' }).finish();
    const sized = (tag: number, length: number) => Buffer.from([(tag << 3) | 2, ...varint(length)]);
    // From the inside out: tensor_content, AttrValue.tensor, the map's value and key, NodeDef.attr, node, graph, MetaGraph.
    let before = sized(4, constant);
    const around = (prefix: Buffer, suffix = 0) => {
      before = Buffer.concat([prefix, before]);
      return before.length + constant + suffix;
    };
    before = Buffer.concat([sized(8, before.length + constant), before]);
    before = Buffer.concat([
      Buffer.from('0a0576616c7565', 'hex'),
      sized(2, before.length + constant),
      before,
    ]);
    before = Buffer.concat([head, sized(5, before.length + constant), before]);
    before = Buffer.concat([sized(1, before.length + constant), before]);
    const after = Buffer.concat([sized(1, tail.length), tail]);
    before = Buffer.concat([sized(2, around(Buffer.alloc(0), after.length)), before]);
    before = Buffer.concat([sized(2, around(Buffer.alloc(0), after.length)), before]);
    const descriptor = openSync(file, 'w');
    writeSync(descriptor, before, 0, before.length, 0);
    ftruncateSync(descriptor, before.length + constant);
    writeSync(descriptor, after, 0, after.length, before.length + constant);
    closeSync(descriptor);
    const used = process.memoryUsage().rss;
    expect(gatherReport(file).metaGraphs[0]?.ops).toEqual([
      { op: 'AfterTheConstant', count: 1 },
      { op: 'Const', count: 1 },
    ]);
    expect(process.memoryUsage().rss - used).toBeLessThan(50 * 2 ** 20);
  });
});

describe('damaged files', () => {
  /** Reports, or one error with a code and the byte offset; anything else is a fault. */
  function outcome(bytes: Uint8Array, name: string): 'report' | string {
    const file = join(scratch, name);
    writeFileSync(file, bytes);
    try {
      showAll(gatherReport(file));
      return 'report';
    } catch (error) {
      if (!(error instanceof TkError)) throw error;
      expect(error.exitCode).toBe(2);
      expect(error.place?.field).toMatch(/^SavedModel/);
      expect(error.message).toContain(`: byte ${error.place?.offset}, field ${error.place?.field}: `);
      return error.code;
    }
  }

  it.each(fixtures)('truncated anywhere: %s', (file) => {
    const bytes = readFileSync(file);
    const step = Math.max(1, Math.floor(bytes.length / 150));
    const outcomes = new Set<string>();
    for (let length = 0; length < bytes.length; length += step)
      outcomes.add(outcome(bytes.subarray(0, length), 'cut.pb'));
    // The file's last field is a MetaGraph that runs to its end: no shorter file is a sound one, but for its first bytes.
    expect([...outcomes].sort()).toEqual(['report', 'truncated-file']);
  });

  it('bytes changed at random (seeded)', () => {
    const random = generator(7);
    const counts = new Map<string, number>();
    for (const file of fixtures) {
      const sound = readFileSync(file);
      for (let round = 0; round < 250; round++) {
        const bytes = Buffer.from(sound);
        for (let change = 0; change <= round % 4; change++) bytes[random(bytes.length)] = random(256);
        const result = outcome(bytes, 'changed.pb');
        counts.set(result, (counts.get(result) ?? 0) + 1);
      }
    }
    const kinds = ['bad-length', 'bad-tag', 'bad-text', 'report', 'truncated-file'];
    expect([...counts.keys()].filter((kind) => kind !== 'bad-number').sort()).toEqual(kinds);
    for (const kind of kinds) expect(counts.get(kind), kind).toBeGreaterThan(0);
  });

  it('nested without end', () => {
    let nested: Uint8Array = new Uint8Array();
    for (let depth = 0; depth < 200; depth++) {
      nested = tensorflow.StructuredValue.encode({}).finish().length === 0 ? list(nested) : nested;
    }
    const graph = field(2, Buffer.concat([field(1, Buffer.from('f')), field(2, field(3, nested))]));
    expect(outcome(field(2, field(7, graph)), 'deep.pb')).toBe('too-deep');
    expect(outcome(Buffer.alloc(100_000, 0x0b), 'groups.pb')).toBe('too-deep');
  });

  it('a number of more than ten bytes, and lengths that are impossible', () => {
    expect(outcome(Buffer.alloc(20, 0xff), 'long.pb')).toBe('bad-number');
    expect(outcome(Buffer.from('12ffffffffffffffff7f', 'hex'), 'length.pb')).toBe('bad-length');
    expect(outcome(Buffer.from('12ffffffff07', 'hex'), 'length.pb')).toBe('truncated-file');
  });
});

describe('text format', () => {
  const parse = (text: string) => plain(parseText(text, schema, 'SavedModel', 'model.pbtxt'));

  it('takes comments, separators, lists, escapes, joined texts and numbers of every kind', () => {
    const text = `
      # a comment
      saved_model_schema_version: 0x10
      meta_graphs <
        meta_info_def { tags: ["a", 'b' "c"], tags: "\\u00e9\\x41\\101\\n"; stripped_default_attrs: true }
        unknown_thing { deep: [1, 2] other { x: -1.5e+3f } } [some.extension]: "x"
        signature_def { key: "s" value { inputs { key: "x" value { dtype: DT_FLOAT tensor_shape { dim { size: -1 } } } } } }
      >`;
    expect(parse(text)).toEqual({
      savedModelSchemaVersion: '16 0',
      metaGraphs: [
        {
          metaInfoDef: { tags: ['a', 'bc', 'éAA\n'], strippedDefaultAttrs: true },
          signatureDef: { s: { inputs: { x: { dtype: 1, tensorShape: { dim: [{ size: '-1 -1' }] } } } } },
        },
      ],
    });
  });

  it.each([
    ['meta_graphs {', 'ends before "}"'],
    ['meta_graphs { meta_info_def { tags: 5 } }', 'a quoted text should stand here'],
    ['saved_model_schema_version: one', '"one" is not an integer'],
    ['meta_graphs: "x"', '"{" should stand here'],
    ['\u0000', 'not text format'],
    ['meta_graphs { meta_info_def { tags: "open } }', 'not text format'],
    ['[', 'ends inside a type name'],
  ])('refuses %j', (text, reason) => {
    expect(() => parse(text)).toThrow(reason);
    expect(() => parse(text)).toThrow(/^model\.pbtxt: byte \d+, field SavedModel/);
  });

  it.skipIf(!hasShared)('reads the same from .pbtxt as from .pb (needs shared/data)', () => {
    const show = (name: string, file: string) => showAll(gatherReport(sharedData('savedmodels', name, file)));
    expect(show('tensorflow__half_plus_two_pbtxt', 'saved_model.pbtxt')).toBe(
      show('tensorflow__half_plus_two', 'saved_model.pb'),
    );
  });
});

function varint(value: number): number[] {
  const bytes = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

function field(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(content.length)]), content]);
}

function wrapped(metaGraph: Uint8Array): Buffer {
  return field(2, metaGraph);
}

/** A StructuredValue that is a list of one StructuredValue. */
function list(inner: Uint8Array): Buffer {
  return field(51, field(1, inner));
}

/** Seeded numbers below a bound (mulberry32). */
function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}
