// The flags that choose models and how they are used: the same in every command of recognition.
import type { Argv } from 'yargs';
import type { GlobalOptions } from '../command.ts';
import type { ConvertResult } from '../convert/convert.ts';
import type { ConvertOptions } from '../convert/plan.ts';
import type { ConvertEvent } from '../convert/stage-clock.ts';
import type { Progress } from '../terminal/progress.ts';
import type { DetectorName } from './detect/profiles.ts';

/** What a command needs from outside: commands do not import each other, the bin hands `convert` in. */
export interface RecognizeDependencies {
  convert: (options: ConvertOptions) => Promise<ConvertResult>;
}

export interface ModelFlags {
  weights?: string;
  embedder?: string;
  detectorModels?: string;
  profile?: string;
  runtime: 'tf' | 'onnx';
  detectorWeights?: string;
  detector: DetectorName;
  minFace?: number;
  thresholds?: string;
  threshold?: number;
}

/** Declares the flags that choose models and say how faces are found and embedded. */
export function withModelFlags(yargs: Argv<GlobalOptions>): Argv<GlobalOptions & ModelFlags> {
  return yargs
    .option('weights', {
      type: 'string',
      describe: 'a MagFace iResNet-100 checkpoint; default: dlib-face',
    })
    .option('embedder', { type: 'string', describe: 'an output directory of tk convert' })
    .option('detector-models', {
      type: 'string',
      describe: 'folder of your own mtcnn-pnet, … or retinaface-mobilenet, as tk convert wrote them',
    })
    .option('detector-weights', {
      type: 'string',
      describe: 'a RetinaFace-mobilenet0.25 checkpoint, for --detector retinaface',
    })
    .option('profile', { type: 'string', describe: 'embedder profile: a name, or a JSON file' })
    .option('runtime', {
      choices: ['tf', 'onnx'] as const,
      default: 'tf' as const,
      describe: 'run the SavedModels, or the ONNX files',
    })
    .option('detector', {
      choices: ['facenet', 'facenet-pytorch', 'seed', 'retinaface'] as const,
      default: 'facenet' as const,
      describe: 'the detector: MTCNN by its settings, or RetinaFace',
    })
    .option('min-face', { type: 'number', describe: 'smallest face in pixels of the searched photo' })
    .option('thresholds', {
      type: 'string',
      describe: 'scores that the detector’s networks ask for, a,b,c or a',
    }) as never;
}

/** The same, with the threshold, of commands that give names to faces or measure how they are given. */
export function withNamingFlags(yargs: Argv<GlobalOptions>): Argv<GlobalOptions & ModelFlags> {
  return withModelFlags(yargs).option('threshold', {
    type: 'number',
    describe: 'score that a name needs; default: the profile’s',
  }) as never;
}

/** Shows the conversion of a model that the cache lacks. */
export function showConversion(source: string, event: ConvertEvent, progress: Progress): void {
  if (event.type === 'stage-start') progress.start(`${source}: ${event.stage}`);
  if (event.type === 'stage-progress') progress.message(event.message);
  if (event.type === 'stage-done') progress.done(`${source}: ${event.stage}`, event.ms);
  if (event.type === 'notice') progress.note(event.message);
}
