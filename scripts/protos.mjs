// Generates the protobuf codecs: for each .proto below, static encode and decode code on protobufjs/minimal and its
// types, under generated/ beside it. Run after changing a .proto: node scripts/protos.mjs
//
// 64-bit integers are always `Long` (never a rounded number); src/formats/protobuf/int64.ts turns them into bigint.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import protobuf from 'protobufjs';
import pbjs from 'protobufjs-cli/pbjs.js';
import pbts from 'protobufjs-cli/pbts.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Each .proto, by its path without the ending; its file name is also the codec's root, so no two may be equal. */
const PROTOS = ['src/formats/savedmodel/savedmodel', 'src/formats/tensorbundle/tensorbundle'];
/** Those that are also read by position (src/formats/protobuf/decode.ts): these get their description as data. */
const SCHEMAS = ['src/formats/savedmodel/savedmodel'];

for (const proto of PROTOS) {
  const name = /** @type {string} */ (proto.split('/').at(-1));
  const out = join(root, dirname(proto), 'generated', name);
  mkdirSync(dirname(out), { recursive: true });
  await promisify(pbjs.main)([
    ...['--target', 'static-module', '--wrap', 'esm', '--es6', '--root', name],
    ...['--dependency', 'protobufjs/minimal.js', '--force-long'],
    ...['--no-verify', '--no-convert', '--no-delimited', '--no-typeurl', '--no-service'],
    ...['--out', `${out}.js`, join(root, `${proto}.proto`)],
  ]);
  await promisify(pbts.main)(['--out', `${out}.d.ts`, `${out}.js`]);
  const source = readFileSync(`${out}.js`, 'utf8').replace(/\/\*\*[\s\S]*?\*\/\n?/g, '');
  writeFileSync(`${out}.js`, `${source.replace(/\n\s*\n(\s*\n)*/g, '\n')}`);
}

for (const proto of SCHEMAS) {
  const name = /** @type {string} */ (proto.split('/').at(-1));
  const out = join(root, dirname(proto), 'generated', `${name}.schema.ts`);
  writeFileSync(
    out,
    "import type { Schema } from '../../protobuf/schema.ts';\n" +
      `export const schema: Schema = ${JSON.stringify(describe(join(root, `${proto}.proto`)))};\n`,
  );
}

/**
 * The messages and enums of a .proto as `Schema` (src/formats/protobuf/schema.ts).
 * @param {string} path
 */
function describe(path) {
  const source = new protobuf.Root().loadSync(path, { keepCase: true }).resolveAll();
  /** @type {Record<string, object[]>} */
  const messages = {};
  /** @type {Record<string, Record<string, number>>} */
  const enums = {};
  /** @param {protobuf.NamespaceBase} scope @param {string} prefix */
  const visit = (scope, prefix) => {
    for (const item of scope.nestedArray) {
      const name = prefix + item.name;
      if (item instanceof protobuf.Enum) enums[name] = item.values;
      else if (item instanceof protobuf.Type) {
        messages[name] = item.fieldsArray.map((field) => ({
          number: field.id,
          name: field.name,
          key: protobuf.util.camelCase(field.name),
          type: typeOf(field),
          ...(field.map ? { rule: 'map' } : field.repeated ? { rule: 'repeated' } : {}),
        }));
        visit(item, `${name}.`);
      }
    }
  };
  visit(/** @type {protobuf.Namespace} */ (source.lookup('tensorflow')), '');
  return { messages, enums };
}

/** @param {protobuf.Field} field */
function typeOf(field) {
  if (!field.resolvedType) return field.type;
  const name = field.resolvedType.fullName.replace('.tensorflow.', '');
  return field.resolvedType instanceof protobuf.Enum ? { enum: name } : { message: name };
}
