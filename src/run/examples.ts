// tf.train.Example messages from Python's dicts of lists. Format: tensorflow/core/example/example.proto, feature.proto.
import protobuf from 'protobufjs/minimal.js';
import { badInput, type TkError } from '../errors.ts';
import { toLong } from '../formats/protobuf/int64.ts';
import { utf8 } from './feed.ts';
import type { PythonLiteral } from './python-literal.ts';

const DELIMITED = 2;
const tag = (field: number, wireType = DELIMITED): number => (field << 3) | wireType;

/**
 * Serialised examples, one character a byte, as the elements of a list of strings.
 * @param value a list of dicts: feature name to a list of floats, of integers, or of strings or bytes; the first
 *   element decides which
 * @throws TkError `bad-example` (exit 2)
 */
export function serializedExamples(value: PythonLiteral): PythonLiteral {
  if (value.type !== 'list')
    throw bad(`tf.Example input must be a list of dictionaries, not a ${value.type}`);
  return { type: 'list', items: value.items.map((item) => ({ type: 'bytes', value: serialized(item) })) };
}

function serialized(example: PythonLiteral): string {
  if (example.type !== 'dict') throw bad(`an example must be a dictionary, not a ${example.type}`);
  const features = protobuf.Writer.create();
  for (const [key, list] of example.entries) {
    if (key.type !== 'str') throw bad('a feature must have a string as its name');
    const entry = protobuf.Writer.create().uint32(tag(1)).string(key.value);
    entry.uint32(tag(2)).bytes(feature(key.value, list));
    features.uint32(tag(1)).bytes(entry.finish());
  }
  return Buffer.from(protobuf.Writer.create().uint32(tag(1)).bytes(features.finish()).finish()).toString(
    'latin1',
  );
}

function feature(name: string, list: PythonLiteral): Uint8Array {
  if (list.type !== 'list') throw bad(`the value of feature "${name}" must be a list, not a ${list.type}`);
  const [first] = list.items;
  if (!first) throw bad(`feature "${name}" is an empty list, which has no type`);
  const values = protobuf.Writer.create();
  switch (first.type) {
    case 'float':
      values.uint32(tag(1)).fork();
      for (const item of list.items) values.float(numeric(name, item, 'float'));
      return wrapped(2, values.ldelim());
    case 'int':
    case 'bool':
      values.uint32(tag(1)).fork();
      for (const item of list.items) values.int64(toLong(whole(name, item)));
      return wrapped(3, values.ldelim());
    case 'str':
    case 'bytes':
      for (const item of list.items) {
        if (item.type !== first.type) throw mixed(name, item, first);
        const bytes = item.type === 'str' ? utf8(item.value) : (item as { value: string }).value;
        values.uint32(tag(1)).bytes(Buffer.from(bytes, 'latin1'));
      }
      return wrapped(1, values);
    default:
      throw bad(`feature "${name}" holds a ${first.type}; it can hold floats, integers, strings or bytes`);
  }
}

function wrapped(field: number, values: protobuf.Writer): Uint8Array {
  return protobuf.Writer.create().uint32(tag(field)).bytes(values.finish()).finish();
}

function numeric(name: string, item: PythonLiteral, among: string): number {
  if (item.type === 'float') return item.value;
  if (item.type === 'int' || item.type === 'bool') return Number(item.value);
  throw bad(`feature "${name}" holds a ${item.type} among ${among}s`);
}

function whole(name: string, item: PythonLiteral): bigint {
  if (item.type !== 'int' && item.type !== 'bool')
    throw bad(`feature "${name}" holds a ${item.type} among ints`);
  const value = BigInt(item.value);
  if (BigInt.asIntN(64, value) !== value) throw bad(`feature "${name}" holds ${value}, beyond 64 bits`);
  return value;
}

function mixed(name: string, item: PythonLiteral, first: PythonLiteral): TkError {
  return bad(`feature "${name}" holds a ${item.type} among values of type ${first.type}`);
}

function bad(message: string): TkError {
  return badInput('bad-example', message, `for example: --input_examples 'examples=[{"age": [26]}]'`);
}
