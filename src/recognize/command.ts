// `tk recognize`: flags and wiring.
import { defineCommand, type GlobalOptions } from '../command.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { interruptSignal } from '../interrupt.ts';
import { note, print, printJson } from '../terminal/output.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';
import {
  type ModelFlags,
  type RecognizeDependencies,
  showConversion,
  withModelFlags,
} from './model-flags.ts';
import type { RecognizeEvent } from './recognize.ts';
import type { RecognizeReport } from './report.ts';

interface RecognizeFlags extends GlobalOptions, ModelFlags {
  images: string[];
  gallery?: string;
  embeddings?: string;
  filenames?: string;
  annotate?: string;
  requireMatch?: boolean;
}

export function recognizeCommand({ convert }: RecognizeDependencies) {
  return defineCommand<RecognizeFlags>({
    command: 'recognize <images..>',
    describe: 'name the faces in photos, with models that passed verification',
    builder: (yargs) =>
      withModelFlags(
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
          }) as never,
      )
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
