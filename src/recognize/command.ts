// `tk recognize`: flags and wiring.
import { defineCommand, type GlobalOptions } from '../command.ts';
import type { ConvertEvent, ConvertOptions, ConvertResult } from '../convert/convert.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { interruptSignal } from '../interrupt.ts';
import { note, print, printJson } from '../terminal/output.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';
import type { RecognizeEvent } from './recognize.ts';
import type { RecognizeReport } from './report.ts';

/** What the command needs from outside: commands do not import each other, the bin hands `convert` in. */
export interface RecognizeDependencies {
  convert: (options: ConvertOptions) => Promise<ConvertResult>;
}

interface RecognizeFlags extends GlobalOptions {
  images: string[];
  gallery?: string;
  embeddings?: string;
  filenames?: string;
  weights?: string;
  embedder?: string;
  detectorModels?: string;
  profile?: string;
  runtime: 'tf' | 'onnx';
  detector: 'facenet' | 'facenet-pytorch' | 'seed';
  minFace?: number;
  thresholds?: string;
  threshold?: number;
  annotate?: string;
  requireMatch?: boolean;
}

export function recognizeCommand({ convert }: RecognizeDependencies) {
  return defineCommand<RecognizeFlags>({
    command: 'recognize <images..>',
    describe: 'name the faces in photos, with models that passed verification',
    builder: (yargs) =>
      yargs
        .positional('images', { type: 'string', array: true, demandOption: true, describe: 'photos' })
        .option('gallery', {
          type: 'string',
          describe: 'folder of name/photo.jpg, or embeddings as .npy',
        })
        .option('embeddings', {
          type: 'string',
          describe: 'embeddings of the gallery, one row a photo (.npy): nothing is enrolled',
        })
        .option('filenames', {
          type: 'string',
          describe: 'file names of the rows (.npy); default: a lexical walk',
        })
        .option('weights', {
          type: 'string',
          describe: 'a MagFace iResNet-100 checkpoint; default: dlib-face',
        })
        .option('embedder', { type: 'string', describe: 'an output directory of tk convert' })
        .option('detector-models', {
          type: 'string',
          describe: 'folder of your own mtcnn-pnet, mtcnn-rnet and mtcnn-onet, as tk convert wrote them',
        })
        .option('profile', { type: 'string', describe: 'embedder profile: a name, or a JSON file' })
        .option('runtime', {
          choices: ['tf', 'onnx'] as const,
          default: 'tf' as const,
          describe: 'run the SavedModels, or the ONNX files',
        })
        .option('detector', {
          choices: ['facenet', 'facenet-pytorch', 'seed'] as const,
          default: 'facenet' as const,
          describe: 'detector settings',
        })
        .option('min-face', { type: 'number', describe: 'smallest face in pixels of the searched photo' })
        .option('thresholds', { type: 'string', describe: 'scores of the three detector networks, a,b,c' })
        .option('threshold', { type: 'number', describe: 'score that a name needs; default: the profile’s' })
        .option('annotate', {
          type: 'string',
          describe: 'write the picture with boxes and names (.png, or a folder)',
        })
        .option('require-match', {
          type: 'boolean',
          describe: 'exit 1 unless every photo shows somebody from the gallery',
        })
        .example('$0 recognize photo.jpg --gallery known/', 'who is in the photo')
        .example('$0 recognize *.jpg --gallery known/ --annotate out/', 'several, and pictures to look at')
        .example(
          '$0 recognize photo.jpg --gallery known/ --weights magface.pth',
          'MagFace, scored by QMagFace',
        ) as never,
    run: async (flags) => {
      const progress = createProgress({ silent: flags.json });
      const { recognizeWith } = await import('./recognize.ts');
      const { defaultDependencies } = await import('./dependencies.ts');
      try {
        const report = await recognizeWith(
          {
            ...flags,
            signal: interruptSignal,
            onConvert: (source, event) => showConversion(source, event, progress),
            onEvent: (event) => showEvent(event, progress),
          },
          defaultDependencies(convert),
        );
        progress.stop();
        return await finish(report, flags);
      } finally {
        progress.stop();
      }
    },
  });
}

/** Prints the result; the exit code by the documented rules. */
async function finish(report: RecognizeReport, flags: RecognizeFlags): Promise<ExitCode> {
  const { photoLines, toJson } = await import('./report.ts');
  const failures = report.photos.flatMap(({ error }) => error ?? []);
  if (report.photos.length === 1 && failures[0]) throw failures[0];
  if (flags.json) printJson(toJson(report));
  else {
    for (const photo of report.photos) {
      for (const line of photoLines(photo, report.embedder)) print(line);
      if (photo.error) note(`tk: ${photo.error.message}`);
      if (photo.annotated) note(`annotated: ${photo.annotated}`);
    }
  }
  if (failures.length === report.photos.length) return EXIT.badInput;
  const everyPhotoMatches = report.photos.every(({ faces }) => faces.some(({ known }) => known));
  return flags.requireMatch && !everyPhotoMatches ? EXIT.checkFailed : EXIT.ok;
}

function showConversion(source: string, event: ConvertEvent, progress: Progress): void {
  if (event.type === 'stage-start') progress.start(`${source}: ${event.stage}`);
  if (event.type === 'stage-progress') progress.message(event.message);
  if (event.type === 'stage-done') progress.done(`${source}: ${event.stage}`, event.ms);
  if (event.type === 'notice') progress.note(event.message);
}

function showEvent(event: RecognizeEvent, progress: Progress): void {
  if (event.type === 'verified') progress.start(`models verified: ${event.models.join(', ')}`);
  if (event.type === 'enrol') progress.message(`gallery: ${event.done} of ${event.total} photos`);
  if (event.type === 'photo') progress.message(event.report.image);
  if (event.type === 'gallery') {
    for (const { file, reason } of event.gallery.skipped)
      progress.note(`gallery: ${file} skipped: ${reason}`);
    for (const { file, reason } of event.gallery.notes) progress.note(`gallery: ${file}: ${reason}`);
  }
}
