// The real models of recognition for tests: converted once into a cache of the checkout, verified, opened.
import { join } from 'node:path';
import { convert } from '../../src/convert/convert.ts';
import type { Pipeline } from '../../src/recognize/analyse.ts';
import { defaultDependencies } from '../../src/recognize/dependencies.ts';
import { detectorProfile } from '../../src/recognize/detect/profiles.ts';
import { EMBEDDER_PROFILES } from '../../src/recognize/embed/profiles.ts';
import { openModels, verifyModels } from '../../src/recognize/models.ts';
import { repoRoot } from '../support/shared.ts';

/** Where the tests' models stand; kept between runs. */
export const testCache = join(repoRoot, '.tk', 'test-cache');

/** The default models, open. */
export async function openPipeline(
  runtime: 'tf' | 'onnx',
  embedder?: { folder: string; profile: string },
): Promise<Pipeline> {
  process.env.TK_CACHE = testCache;
  const dependencies = defaultDependencies(convert);
  const models = await verifyModels({ embedder: embedder?.folder }, dependencies);
  return {
    runners: await openModels(models, runtime, dependencies),
    detector: detectorProfile('facenet'),
    embedder: EMBEDDER_PROFILES[embedder?.profile ?? 'dlib-face']!,
  };
}

export async function closePipeline(pipeline: Pipeline | undefined): Promise<void> {
  for (const runner of Object.values(pipeline?.runners ?? {})) await runner.close();
}
