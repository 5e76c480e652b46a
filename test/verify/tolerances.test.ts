// Where the rule for a tensor comes from: flags, a file, the conversion, the defaults; and bounds beside tolerances.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/formats/tensor.ts';
import { compareTensors } from '../../src/verify/compare.ts';
import { chooseRules } from '../../src/verify/tolerance-options.ts';
import { ruleFor } from '../../src/verify/tolerances.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tk-tolerances-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function config(value: unknown): string {
  const path = join(folder, 'tolerances.json');
  writeFileSync(path, JSON.stringify(value));
  return path;
}

describe('the rule for a tensor', () => {
  it('is the default, what the conversion declared, the file, the flag: the last of them that says something', () => {
    expect(ruleFor(chooseRules({}, null), 'y')).toEqual({ atol: 1e-5, rtol: 1e-3 });
    const declared = { atol: 1, rtol: 2 };
    expect(ruleFor(chooseRules({}, declared), 'y')).toEqual(declared);
    const path = config({ atol: 3, minCosine: 0.5 });
    expect(ruleFor(chooseRules({ config: path }, declared), 'y')).toEqual({
      atol: 3,
      rtol: 2,
      minCosine: 0.5,
    });
    expect(ruleFor(chooseRules({ config: path, atol: 4 }, declared), 'y').atol).toBe(4);
  });

  it('is its own before the overall one: a pattern, an output of the file, a named flag, in this order', () => {
    const path = config({
      atol: 1,
      outputs: { '/l/emb': { atol: 3 } },
      tensors: [{ match: '/l/*', atol: 2, rtol: 0 }],
    });
    const rules = chooseRules({ config: path, atol: ['5', '/l/out:0:6'], rtol: '0.5' }, null);
    expect(ruleFor(rules, 'x')).toEqual({ atol: 5, rtol: 0.5 });
    expect(ruleFor(rules, '/l/a')).toEqual({ atol: 2, rtol: 0 });
    expect(ruleFor(rules, '/l/emb')).toEqual({ atol: 3, rtol: 0 });
    expect(ruleFor(rules, '/l/out:0')).toEqual({ atol: 6, rtol: 0 });
  });

  it('matches whole names, and takes nothing but * for special', () => {
    const rules = { overall: { atol: 0, rtol: 0 }, named: [{ match: 'a.[0]*', atol: 1 }] };
    const atols = ['a.[0]', 'a.[0]/b\nc', 'ab[0]', 'xa.[0]'].map((name) => ruleFor(rules, name).atol);
    expect(atols).toEqual([1, 1, 0, 0]);
  });
});

describe('refused with exit 2', () => {
  it.each(['-1', 'x', 'y:', ':1', 'y:NaN', 'y:1e999'])('--atol %s', (atol) => {
    expect(() => chooseRules({ atol }, null)).toThrow(`--atol ${atol} is not a number of 0 or more`);
  });

  it('a file that is none, with the key that is wrong', () => {
    const refusal = (value: unknown) => {
      try {
        return chooseRules({ config: config(value) }, null);
      } catch (error) {
        return error as Error;
      }
    };
    expect(refusal({ outputs: { y: { atoll: 1 } } })).toMatchObject({
      code: 'bad-config',
      exitCode: 2,
      message: expect.stringMatching(/is no configuration of tk verify: outputs\.y: .*"atoll"/),
    });
    expect(refusal({ tensors: [{ match: 'x', atol: -1 }] })).toMatchObject({
      message: expect.stringContaining('tensors.0.atol: '),
    });
    expect(() => chooseRules({ config: join(folder, 'nowhere') }, null)).toThrow(
      /nowhere: no such file or directory$/,
    );
  });
});

describe('a bound', () => {
  const scores = (...values: number[]): Tensor => ({
    dtype: 'float32',
    shape: [1, values.length],
    data: Float32Array.from(values),
  });
  const compare = (bound: object) =>
    compareTensors('y', scores(3, 1, 2.9), scores(2.9, 1, 3), { atol: 1, rtol: 0, ...bound });

  it('fails an output that is within its tolerances, and says which', () => {
    expect(compare({}).passed).toBe(true);
    expect(compare({ maxArgmaxFlips: 0 })).toMatchObject({
      passed: false,
      failing: 0,
      reason: 'argmax flips 1, at most 0 is asked for',
    });
    expect(compare({ minCosine: 0.9999 }).reason).toMatch(
      /^cosine 0\.9994\d+, at least 0\.9999 is asked for$/,
    );
    expect(compare({ minSnrDb: 60 }).reason).toMatch(/^SNR in dB 2\d\.\d+, at least 60 is asked for$/);
    expect(compare({ maxUlp: 4 }).reason).toMatch(/^ULP distance \d+, at most 4 is asked for$/);
    expect(compare({ minTopK: 1, maxArgmaxFlips: 1, minCosine: 0.9 }).passed).toBe(true);
  });
});
