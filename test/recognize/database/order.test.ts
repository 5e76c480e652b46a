// What a refusal by the gate leaves behind: nothing, since galleries are made and locked only afterwards.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TkError } from '../../../src/errors.ts';
import { galleryAdd } from '../../../src/recognize/database/actions.ts';
import type { ModelDependencies } from '../../../src/recognize/models.ts';
import { serve } from '../../../src/recognize/serve/serve.ts';

let work: string;
const never = () => Promise.reject(new Error('must not be reached'));
const dependencies: ModelDependencies = {
  convert: never,
  requireParity: () => Promise.reject(new TkError('not-verified', 1, 'the model did not pass')),
  openSavedModel: never,
  openOnnx: never,
};

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'tk-order-'));
  for (const model of ['mtcnn-pnet', 'mtcnn-rnet', 'mtcnn-onet', 'embedder']) {
    mkdirSync(join(work, model));
    writeFileSync(join(work, model, 'manifest.json'), '{}');
  }
  mkdirSync(join(work, 'known', 'Ann'), { recursive: true });
  writeFileSync(join(work, 'known', 'Ann', '1.jpg'), '');
});
afterEach(() => rmSync(work, { recursive: true }));

describe('a model that did not pass', () => {
  const models = () => ({ detectorModels: work, embedder: join(work, 'embedder'), db: join(work, 'db') });

  it('ends tk serve before a gallery is made', async () => {
    await expect(serve(models(), dependencies)).rejects.toMatchObject({ code: 'not-verified', exitCode: 1 });
    expect(existsSync(join(work, 'db'))).toBe(false);
  });

  it('ends tk gallery add before a gallery is made', async () => {
    const adding = galleryAdd({ ...models(), paths: [join(work, 'known')] }, dependencies);
    await expect(adding).rejects.toMatchObject({ code: 'not-verified', exitCode: 1 });
    expect(existsSync(join(work, 'db'))).toBe(false);
  });
});
