// `tk gallery import` and `export`: embeddings from files, and into files.
import { defineCommand, type GlobalOptions } from '../../command.ts';
import { interruptSignal } from '../../interrupt.ts';
import { note, print, printJson } from '../../terminal/output.ts';
import { type DatabaseFlags, OWN_GALLERY, withDatabaseFlags } from '../gallery-flags.ts';
import { type ModelFlags, type RecognizeDependencies, withModelFlags } from '../model-flags.ts';
import { count, dependenciesOf, events, nameOf, withProgress } from './shared.ts';

/** More lines would push the first ones off the screen. */
const NOTES_SHOWN = 20;

export function importCommand({ convert }: RecognizeDependencies) {
  return defineCommand<
    GlobalOptions & DatabaseFlags & ModelFlags & { file: string; filenames?: string; model?: string }
  >({
    command: 'import <file>',
    describe: 'take in embeddings: reg_embeddings.npy, a folder with the pair, or an export (.jsonl)',
    builder: (yargs) =>
      withModelFlags(
        withDatabaseFlags(yargs, OWN_GALLERY)
          .positional('file', { type: 'string', demandOption: true, describe: '.npy, folder or .jsonl' })
          .option('filenames', { type: 'string', describe: 'file names of the rows (.npy)' })
          .option('model', {
            type: 'string',
            describe:
              'a name for the model that made them, where it is not here (else --weights, --embedder)',
          }) as never,
      ) as never,
    run: async (flags) => {
      const report = await withProgress(flags, async (progress) => {
        const { galleryImport } = await import('../database/actions.ts');
        progress.start('import');
        return galleryImport(
          {
            ...flags,
            ...events(progress),
            onRows: (done, total) =>
              progress.message(total === null ? `${done} rows` : `${done} of ${total} rows`),
          },
          await dependenciesOf(convert),
        );
      });
      const { added, present, notes, models, database } = report;
      if (flags.json) printJson({ schemaVersion: 1, ...report });
      else {
        for (const { file, reason } of notes.slice(0, NOTES_SHOWN)) note(`${file}: ${reason}`);
        if (notes.length > NOTES_SHOWN)
          note(`and ${notes.length - NOTES_SHOWN} more photos: --json lists them all`);
        print(`${added} added, ${present} there before: ${models.map(nameOf).join(', ')} in ${database}`);
      }
      return undefined;
    },
  });
}

export function exportCommand() {
  return defineCommand<GlobalOptions & DatabaseFlags & { out: string; model?: string }>({
    command: 'export <out>',
    describe: 'write FILE.jsonl (everything), or a folder with the pair of .npy files',
    builder: (yargs) =>
      withDatabaseFlags(yargs, OWN_GALLERY)
        .positional('out', { type: 'string', demandOption: true, describe: 'FILE.jsonl or a folder' })
        .option('model', {
          type: 'string',
          describe: 'of which model, by name or start of its identity',
        }) as never,
    run: async (flags) => {
      const { galleryExport } = await import('../database/actions.ts');
      const report = await galleryExport({ ...flags, signal: interruptSignal });
      if (flags.json) printJson({ schemaVersion: 1, ...report });
      else print(`${count(report.faces, 'face')}: ${report.files.join(', ')}`);
      return undefined;
    },
  });
}
