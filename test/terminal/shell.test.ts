// Words of commands that people copy, as a real shell reads them.
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellWord } from '../../src/terminal/shell.ts';

it.each([
  ['output/keras', 'output/keras'],
  ['my models/ü', "'my models/ü'"],
  ["it's", "'it'\\''s'"],
  ['$(id);`id`', "'$(id);`id`'"],
  ['', "''"],
])('%j is quoted where it must be, and read as it was', (text, word) => {
  expect(shellWord(text)).toBe(word);
  expect(execFileSync('sh', ['-c', `printf %s ${word}`], { encoding: 'utf8' })).toBe(text);
});
