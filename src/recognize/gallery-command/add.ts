// `tk gallery add`: photos into the gallery.
import { defineCommand, type GlobalOptions } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { note, print, printJson } from '../../terminal/output.ts';
import { type DatabaseFlags, OWN_GALLERY, withDatabaseFlags } from '../gallery-flags.ts';
import { type ModelFlags, type RecognizeDependencies, withModelFlags } from '../model-flags.ts';
import { dependenciesOf, events, nameOf, withProgress } from './shared.ts';

export function addCommand({ convert }: RecognizeDependencies) {
  return defineCommand<
    GlobalOptions & DatabaseFlags & ModelFlags & { paths: string[]; name?: string; thumbnails?: boolean }
  >({
    command: 'add <paths..>',
    describe: 'embed photos and keep them: folders of name/photo.jpg, or with --name photos of one person',
    builder: (yargs) =>
      withModelFlags(
        withDatabaseFlags(yargs, OWN_GALLERY)
          .positional('paths', {
            type: 'string',
            array: true,
            demandOption: true,
            describe: 'folders or photos',
          })
          .option('name', { type: 'string', describe: 'whose photos these are' })
          .option('thumbnails', {
            type: 'boolean',
            describe: 'keep a small picture of each face too',
          }) as never,
      ) as never,
    run: async (flags) => {
      const report = await withProgress(flags, async (progress) => {
        const { galleryAdd } = await import('../database/actions.ts');
        return galleryAdd(
          {
            ...flags,
            ...events(progress),
            onPhoto: (file, done, total) => progress.message(`${done} of ${total}: ${file}`),
          },
          await dependenciesOf(convert),
        );
      });
      const { added, present, skipped, notes, model, database } = report;
      if (flags.json) printJson({ schemaVersion: 1, ...report });
      else {
        for (const { file, reason } of skipped) note(`${file} skipped: ${reason}`);
        for (const { file, reason } of notes) note(`${file}: ${reason}`);
        print(
          `${added} added, ${present} there before, ${skipped.length} skipped: ${nameOf(model)} in ${database}`,
        );
      }
      return added + present === 0 ? EXIT.badInput : EXIT.ok;
    },
  });
}
