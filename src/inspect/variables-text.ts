// The variables of a SavedModel as text for people.
import { shapeText } from '../formats/tensor.ts';
import { renderTable } from '../terminal/table.ts';
import { printable } from './models/text.ts';
import type { VariablesReport } from './variables.ts';

/** One row a tensor; with a check, what is damaged or missing by name after the table. */
export function variablesText(report: VariablesReport): string {
  const rows = report.variables.map((each) => [
    printable(each.name),
    each.dtype ?? '?',
    shapeText(each.shape),
    String(each.bytes),
    String(each.shard),
    each.crc32c,
  ]);
  const lines = [renderTable(['tensor', 'dtype', 'shape', 'bytes', 'shard', 'crc32c'], rows)];
  for (const { file, bytes } of report.shards) if (bytes === null) lines.push(`missing shard: ${file}`);
  if (report.intact === undefined) return `${lines.join('\n')}\n`;
  for (const { name, state, shard, offset } of report.variables) {
    if (state === 'damaged') lines.push(`damaged: ${printable(name)} (shard ${shard}, byte ${offset})`);
    if (state === 'missing') lines.push(`missing: ${printable(name)} (shard ${shard})`);
    if (state === 'not-checked') lines.push(`not checked: ${printable(name)}`);
  }
  const checked = report.variables.filter(({ state }) => state === 'intact').length;
  lines.push(`${checked} of ${report.variables.length} tensors have the bytes that their checksums say`);
  return `${lines.join('\n')}\n`;
}
