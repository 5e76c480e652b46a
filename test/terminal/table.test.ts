import { describe, expect, it } from 'vitest';
import { renderTable } from '../../src/terminal/table.ts';

describe('renderTable', () => {
  it('draws columns at their natural width when they fit', () => {
    expect(renderTable(['name', 'shape'], [['image', '[N,3,112,112]']])).toBe(
      [
        '┌───────┬───────────────┐',
        '│ name  │ shape         │',
        '├───────┼───────────────┤',
        '│ image │ [N,3,112,112] │',
        '└───────┴───────────────┘',
      ].join('\n'),
    );
  });

  it('stays within 80 columns and loses no character of a long word', () => {
    const path = `/features/${'block/'.repeat(30)}conv`;
    const lines = renderTable(['tensor', 'note'], [[path, 'worst element of all outputs']]).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBe(80);
    const firstColumn = lines
      .slice(3, -1)
      .map((line) => line.split('│')[1]!.trim())
      .join('');
    expect(firstColumn).toBe(path);
  });
});
