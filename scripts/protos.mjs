// Generates the protobuf codecs: for each .proto below, static encode and decode code on protobufjs/minimal and its
// types, under generated/ beside it. Run after changing a .proto: node scripts/protos.mjs
//
// 64-bit integers are always `Long` (never a rounded number); src/formats/protobuf/int64.ts turns them into bigint.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pbjs from 'protobufjs-cli/pbjs.js';
import pbts from 'protobufjs-cli/pbts.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Each .proto, by its path without the ending; its file name is also the codec's root, so no two may be equal. */
const PROTOS = ['src/formats/savedmodel/savedmodel'];

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
