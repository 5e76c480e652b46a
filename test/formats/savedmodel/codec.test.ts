// The generated codec: exact 64-bit integers, and message numbers equal to the installed TensorFlow's own.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { toBigInt, toLong } from '../../../src/formats/protobuf/int64.ts';
import { tensorflow } from '../../../src/formats/savedmodel/generated/savedmodel.js';
import { repoRoot } from '../../support/shared.ts';

const include = join(repoRoot, '.venv/lib/python3.11/site-packages/tensorflow/include');

/** Every field of every message and every enum value, as `Message.field = number type rule`. */
function facts(root: protobuf.Root): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (item: protobuf.ReflectionObject): void => {
    if (item instanceof protobuf.Enum) {
      for (const [name, value] of Object.entries(item.values))
        found.set(`${item.fullName}.${name}`, `${value}`);
    }
    if (item instanceof protobuf.Type) {
      for (const field of item.fieldsArray) {
        const type = field.resolvedType?.fullName ?? field.type;
        const key = field instanceof protobuf.MapField ? `map ${field.keyType}` : '';
        found.set(
          `${item.fullName}.${field.name}`,
          `${field.id} ${type} ${field.repeated} ${field.packed} ${field.partOf?.name} ${key}`,
        );
      }
    }
    if (item instanceof protobuf.Namespace) for (const child of item.nestedArray) visit(child);
  };
  root.resolveAll();
  visit(root);
  return found;
}

describe('savedmodel codec', () => {
  it('keeps dimensions beyond 2^53 exact, both ways', () => {
    const sizes = [-1n, 0n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
    const bytes = tensorflow.TensorShapeProto.encode({
      dim: sizes.map((size) => ({ size: toLong(size) })),
    }).finish();
    const back = tensorflow.TensorShapeProto.decode(bytes);
    expect((back.dim ?? []).map((dim) => toBigInt(dim.size))).toEqual(sizes);
  });

  it('tells a set zero from an unset one in a oneof', () => {
    const bytes = tensorflow.StructuredValue.encode({ float64Value: 0 }).finish();
    expect(tensorflow.StructuredValue.decode(bytes).kind).toBe('float64Value');
    expect(tensorflow.StructuredValue.decode(new Uint8Array()).kind).toBeUndefined();
  });

  it.skipIf(!existsSync(include))('has the numbers and types of the installed TensorFlow', () => {
    const upstream = new protobuf.Root();
    upstream.resolvePath = (_origin, target) => join(include, target);
    for (const folder of ['framework', 'protobuf']) {
      const names = readdirSync(join(include, 'tensorflow/core', folder));
      const wanted =
        folder === 'framework'
          ? ['graph.proto', 'op_def.proto']
          : ['saved_model.proto', 'meta_graph.proto', 'saver.proto', 'struct.proto'];
      for (const name of names.filter((name) => wanted.includes(name))) {
        upstream.loadSync(`tensorflow/core/${folder}/${name}`);
      }
    }
    const ours = new protobuf.Root();
    ours.loadSync(join(repoRoot, 'src/formats/savedmodel/savedmodel.proto'));
    const theirs = facts(upstream);
    const differing = [...facts(ours)].filter(([name, fact]) => theirs.get(name) !== fact);
    expect(differing).toEqual([]);
  });
});
