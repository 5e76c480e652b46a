// Where JSON text is wrong, and where in it a value stands.
import { describe, expect, it } from 'vitest';
import { jsonErrorAt, jsonOffsetOf } from '../../../src/inspect/models/json-places.ts';

describe('the place of the first mistake', () => {
  it.each([
    ['{"a": 1,}', 8],
    ['{"a": 1 "b": 2}', 8],
    ['[1, 2} ', 5],
    ['[1, nul]', 4],
    ['{"a": "\u0001"}', 6],
    ['{a: 1}', 1],
    ['[01]', 1],
    ['[1] 2', 4],
    ['{"a": "b\\q"}', 6],
  ])('%j: character %i', (text, at) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(jsonErrorAt(text)).toBe(at);
  });

  it.each(['', '{', '{"a', '{"a"', '{"a":', '{"a": tru', '[1,', '[1', '["a\\', '-', '[1.'])(
    'is the end of what is cut off: %j',
    (text) => {
      expect(jsonErrorAt(text)).toBe(text.length);
    },
  );

  it('is after the end of sound JSON', () => {
    const text = JSON.stringify({ a: [1, -2.5e-7, true, null, 'x"\\\u2028'], b: {} }, null, 2);
    expect(jsonErrorAt(text)).toBe(text.length);
  });
});

describe('the place of a value', () => {
  const text = '{"a": {"b": [10, {"c": "x"}]}, "d": [[], [1, 2]]}';

  it.each([
    [['a'], '{"b"'],
    [['a', 'b', 0], '10'],
    [['a', 'b', 1, 'c'], '"x"'],
    [['d', 1, 1], '2]'],
    [['d', 5], '[[]'],
    [['a', 'b', 1, 'missing'], '{"c"'],
  ])('%j begins %s', (path, begins) => {
    expect(text.slice(jsonOffsetOf(text, path))).toMatch(
      new RegExp(`^${begins.replace(/[[\]{}]/g, '\\$&')}`),
    );
  });
});
