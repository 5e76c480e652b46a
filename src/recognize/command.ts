// `tk recognize`: flags and wiring.
import { defineCommand, type GlobalOptions } from '../command.ts';
import { interruptSignal } from '../interrupt.ts';
import { note } from '../terminal/output.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';
import {
  type DatabaseFlags,
  type EmbeddingsFlags,
  withDatabaseFlags,
  withEmbeddingsFlags,
} from './gallery-flags.ts';
import {
  type ModelFlags,
  type RecognizeDependencies,
  showConversion,
  withNamingFlags,
} from './model-flags.ts';
import type { RecognizeEvent } from './recognize.ts';

interface RecognizeFlags extends GlobalOptions, ModelFlags, DatabaseFlags, EmbeddingsFlags {
  images: string[];
  stdin?: boolean;
  gallery?: string;
  annotate?: string;
  requireMatch?: boolean;
}

export function recognizeCommand({ convert }: RecognizeDependencies) {
  return defineCommand<RecognizeFlags>({
    command: 'recognize [images..]',
    describe: 'name the faces in photos, with models that passed verification',
    builder: (yargs) =>
      withNamingFlags(
        withEmbeddingsFlags(
          withDatabaseFlags(
            yargs
              .positional('images', {
                type: 'string',
                array: true,
                default: [],
                describe: 'photos, folders, globs; - for a list on stdin',
              })
              .option('stdin', {
                type: 'boolean',
                describe: 'read paths of photos from stdin, one a line or parted by NUL',
              })
              .option('jsonl', { type: 'boolean', describe: 'print one line of JSON a photo, as it is done' })
              .conflicts('json', 'jsonl')
              .option('gallery', {
                type: 'string',
                describe: 'folder of name/photo.jpg, embeddings as .npy, or a database of tk gallery',
              }),
          ),
        ) as never,
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
        )
        .example(
          'find . -name "*.jpg" | $0 recognize --stdin --gallery known/ --jsonl',
          'thousands, one line of JSON each',
        ) as never,
    run: async (flags) => {
      const progress = createProgress({ silent: flags.json });
      const { openRecognition } = await import('./recognize.ts');
      const { defaultDependencies } = await import('./dependencies.ts');
      const { printPhotos } = await import('./print-photos.ts');
      const list = await listOnStdin(flags);
      let total: number | null = null;
      try {
        const recognition = await openRecognition(
          {
            ...flags,
            more: list,
            signal: interruptSignal,
            onConvert: (source, event) => showConversion(source, event, progress),
            onEvent: (event) => {
              if (event.type === 'photos') total = event.total;
              else showEvent(event, progress);
            },
          },
          defaultDependencies(convert),
        );
        try {
          return await printPhotos(recognition, { ...flags, total, progress });
        } finally {
          await recognition.close();
        }
      } finally {
        progress.stop();
        if (list) process.stdin.destroy();
      }
    },
  });
}

/** A lone dash among the photos means `--stdin` too; yargs drops it, so it is looked for where it was typed. */
async function listOnStdin({ stdin }: RecognizeFlags): Promise<AsyncIterable<string> | undefined> {
  if (!stdin && !process.argv.includes('-')) return undefined;
  if (process.stdin.isTTY) note('tk: reading paths of photos from the terminal, one a line, Ctrl-D ends');
  return (await import('./photos/sources.ts')).photosOfList(process.stdin);
}

function showEvent(event: RecognizeEvent, progress: Progress): void {
  if (event.type === 'verified') progress.start(`models verified: ${event.models.join(', ')}`);
  if (event.type === 'enrol') progress.message(`gallery: ${event.done} of ${event.total} photos`);
  if (event.type === 'gallery') {
    for (const { file, reason } of event.gallery.skipped)
      progress.note(`gallery: ${file} skipped: ${reason}`);
    for (const { file, reason } of event.gallery.notes) progress.note(`gallery: ${file}: ${reason}`);
  }
}
