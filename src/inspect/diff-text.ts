// A comparison of two models as text for people.
import { renderTable } from '../terminal/table.ts';
import type { DiffReport } from './diff.ts';
import { printable } from './models/text.ts';

export function diffText(diff: DiffReport): string {
  const lines = [`a: ${diff.a.file} (${diff.a.format})`, `b: ${diff.b.file} (${diff.b.format})`];
  if (diff.changes.length > 0) {
    const rows = diff.changes.map(({ where, kind, name, from, to }) =>
      [where, kind, name, from ?? '', to ?? ''].map(printable),
    );
    lines.push(renderTable(['where', 'change', 'name', 'a', 'b'], rows));
  }
  if (diff.ops.length > 0) {
    const rows = diff.ops.map(({ op, from, to }) => [printable(op), String(from), String(to)]);
    lines.push(renderTable(['op', 'a', 'b'], rows));
  }
  const { from, to } = diff.parameters;
  if (from !== to) lines.push(`parameters: ${from ?? 'unknown'} in a, ${to ?? 'unknown'} in b`);
  lines.push(
    diff.contractBroken
      ? 'the contract broke: inputs or outputs differ'
      : 'the contract holds: inputs and outputs are the same',
  );
  return `${lines.join('\n')}\n`;
}
