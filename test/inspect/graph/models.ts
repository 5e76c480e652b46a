// Frozen graphs for tests of the picture, written with the project's own codec.
import { writeFileSync } from 'node:fs';
import { tensorflow } from '../../../src/formats/savedmodel/generated/savedmodel.js';

/** Writes a GraphDef of these nodes: name, op, inputs. */
export function writeGraphDef(path: string, nodes: [name: string, op: string, input: string[]][]): string {
  const node = nodes.map(([name, op, input]) => ({ name, op, input }));
  writeFileSync(path, tensorflow.GraphDef.encode({ node }).finish());
  return path;
}

/** Names that would do harm where they were taken for markup, code or a property; each a node that reads the one before. */
export const HOSTILE_NAMES = [
  'first',
  '<script>globalThis.harmed = true</script>',
  '"><img src=x onerror="globalThis.harmed = true">',
  "' onfocus='globalThis.harmed = true",
  '</script><!--<script>globalThis.harmed = true//',
  ']]>&amp;&#x0;\u0001\u2028\u2029\u202e',
  '__proto__',
  'constructor/__proto__',
  'm'.repeat(1_000_000),
];

/** @param names in the order in which each reads the one before */
export function chainOf(names: string[]): [string, string, string[]][] {
  return names.map((name, place) => [name, 'Relu', place === 0 ? [] : [names[place - 1]!]]);
}
