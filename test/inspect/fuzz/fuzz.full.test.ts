// Every format, cut at every byte of a small model and damaged by a seed, some ten thousand times: a report or one clear
// error, within two seconds and bounded memory, observed from outside the process. What TensorFlow reads is not refused.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWorker, FuzzChild } from './child.ts';
import { CORPUS, canFuzz, makeCorpus, runOracle } from './corpus.ts';
import { type Campaign, type CorpusFile, campaign, genericShare } from './fuzz.ts';
import { mutations, truncations } from './mutate.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tk-fuzz-'));
const MUTATIONS = 600;
const SEED = 20260;
const finished: Campaign[] = [];
let corpus: CorpusFile[] = [];
let child: FuzzChild;

beforeAll(async () => {
  if (!canFuzz) return;
  corpus = makeCorpus(scratch);
  await buildWorker(join(scratch, 'worker.mjs'));
  child = new FuzzChild(join(scratch, 'worker.mjs'));
});

afterAll(() => {
  child?.stop();
  // The files that show a fault are kept.
  if (finished.every(({ faults }) => faults.length === 0)) rmSync(scratch, { recursive: true, force: true });
});

describe.skipIf(!canFuzz)('damaged files of every format (needs .venv, Linux)', () => {
  it.each(CORPUS)(
    '%s: cut at every byte, damaged by a seed',
    async (name) => {
      const file = corpus.find((each) => each.name === name) as CorpusFile;
      function* damaged() {
        yield* truncations(file.sound, file.step);
        yield* mutations(file.sound, MUTATIONS, SEED);
      }
      const result = await campaign(child, file, damaged(), scratch);
      finished.push(result);
      const codes = [...result.codes].map(([code, count]) => `${code} ${count}`).join(', ');
      console.log(
        `${name}: ${result.cases} cases, ${result.reports} reports; ${codes}; at most ${result.mostSeconds.toFixed(2)} s, ${result.mostMiB.toFixed(0)} MiB`,
      );
      expect(result.faults.slice(0, 5)).toEqual([]);
      if (file.oracle)
        expect(runOracle(file.oracle, result.refused), 'refused, but TensorFlow reads it').toEqual([]);
    },
    400_000,
  );

  it('at most one error in twenty is a generic one', () => {
    expect(finished).toHaveLength(CORPUS.length);
    expect(genericShare(finished)).toBeLessThanOrEqual(1 / 20);
  });
});
