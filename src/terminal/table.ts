// Tables for people: box-drawn, never wider than 80 columns, long cells wrapped and never cut.
import Table from 'cli-table3';
import { columnsOf, wrapLine } from './wrap.ts';

const MAX_WIDTH = 80;
const PADDING = 2;

/**
 * Draws a table of plain text at most 80 columns wide, without the final newline. Columns keep their natural width
 * when they fit; otherwise the widest ones are narrowed and their cells wrapped.
 */
export function renderTable(head: string[], rows: string[][]): string {
  const columns = fitColumns(naturalWidths([head, ...rows]));
  const table = new Table({
    head: head.map((cell, column) => wrapCell(cell, columns[column]!)),
    colWidths: columns.map((width) => width + PADDING),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(row.map((cell, column) => wrapCell(cell, columns[column]!)));
  return table.toString();
}

/** The longest line of each column, in columns of the terminal. */
function naturalWidths(rows: string[][]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      const longest = Math.max(...cell.split('\n').map((line) => columnsOf(line)));
      widths[column] = Math.max(widths[column] ?? 1, longest);
    });
  }
  return widths;
}

/** Takes columns away from the widest one until the borders, padding and contents fit. */
function fitColumns(widths: number[]): number[] {
  const fitted = [...widths];
  const room = MAX_WIDTH - 1 - fitted.length * (PADDING + 1);
  while (fitted.reduce((sum, width) => sum + width, 0) > room) {
    const widest = fitted.indexOf(Math.max(...fitted));
    if (fitted[widest] === 1) break;
    fitted[widest]! -= 1;
  }
  return fitted;
}

/** Wraps at spaces; a word longer than the column (a path, a tensor name) goes on in the next line. */
function wrapCell(cell: string, width: number): string {
  return cell
    .split('\n')
    .flatMap((line) => wrapLine(line, width))
    .join('\n');
}
