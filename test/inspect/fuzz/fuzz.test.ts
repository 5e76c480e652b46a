// A slice of the fuzzing of every format (fuzz.full.test.ts has all of it): a report or one clear error with a code, a byte
// and a field, observed from outside the process.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWorker, FuzzChild } from './child.ts';
import { CORPUS, canFuzz, makeCorpus } from './corpus.ts';
import { type CorpusFile, campaign, genericShare } from './fuzz.ts';
import { mutations, truncations } from './mutate.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tk-fuzz-'));
const MUTATIONS = 49;
const CUTS = 30;
const SEED = 7;
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
  rmSync(scratch, { recursive: true, force: true });
});

describe.skipIf(!canFuzz)('damaged files (needs .venv, Linux)', () => {
  it('the corpus has a model of each format', () => {
    expect(corpus.map(({ name }) => name)).toEqual(CORPUS);
  });

  it.each(CORPUS)('%s gives a report or one error', async (name) => {
    const file = corpus.find((each) => each.name === name) as CorpusFile;
    const sound = await campaign(child, file, [file.sound], scratch);
    expect(sound.reports, 'the sound file').toBe(1);
    function* damaged() {
      yield* truncations(file.sound, Math.ceil(file.sound.length / CUTS), 8);
      yield* mutations(file.sound, MUTATIONS, SEED);
    }
    const result = await campaign(child, file, damaged(), scratch);
    expect(result.faults).toEqual([]);
    expect(result.codes.size).toBeGreaterThan(1);
    expect(genericShare([result])).toBe(0);
  });
});
