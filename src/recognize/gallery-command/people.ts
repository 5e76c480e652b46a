// `tk gallery list` and `remove`: who is there, and who no longer.
import { defineCommand, type GlobalOptions } from '../../command.ts';
import { badInput } from '../../errors.ts';
import { note, print, printJson } from '../../terminal/output.ts';
import { type DatabaseFlags, OWN_GALLERY, withDatabaseFlags } from '../gallery-flags.ts';
import { count, nameOf } from './shared.ts';

export function listCommand() {
  return defineCommand<GlobalOptions & DatabaseFlags & { name?: string }>({
    command: 'list [name]',
    describe: 'the people of a gallery, or the photos of one',
    builder: (yargs) =>
      withDatabaseFlags(yargs, OWN_GALLERY).positional('name', {
        type: 'string',
        describe: 'one person',
      }) as never,
    run: async (flags) => {
      const { galleryList, galleryPhotos } = await import('../database/actions.ts');
      if (flags.name !== undefined) {
        const report = await galleryPhotos({ ...flags, name: String(flags.name) });
        if (flags.json) printJson({ schemaVersion: 1, ...report });
        else for (const { content, file, addedAt } of report.photos) print(`${content}  ${addedAt}  ${file}`);
        return undefined;
      }
      const summary = await galleryList(flags);
      if (flags.json) printJson({ schemaVersion: 1, ...summary });
      else {
        for (const { name, photos } of summary.people) print(`${name}: ${count(photos, 'photo')}`);
        for (const { faces, indexed, ...model } of summary.models) {
          note(
            `${nameOf(model)}, ${model.width} values: ${count(faces, 'face')}${indexed ? ', indexed' : ''}`,
          );
        }
        note(`${count(summary.people.length, 'person', 'people')} in ${summary.database}`);
      }
      return undefined;
    },
  });
}

export function removeCommand() {
  return defineCommand<GlobalOptions & DatabaseFlags & { names: string[]; photo?: string[] }>({
    command: 'remove <names..>',
    describe: 'remove people with everything that is kept of them, or single photos of one',
    builder: (yargs) =>
      withDatabaseFlags(yargs, OWN_GALLERY)
        .positional('names', { type: 'string', array: true, demandOption: true, describe: 'people' })
        .option('photo', {
          type: 'string',
          array: true,
          nargs: 1,
          describe: 'only this photo, by its hash: see tk gallery list NAME',
        }) as never,
    run: async (flags) => {
      if (flags.photo && flags.names.length > 1)
        throw badInput('usage', '--photo is for one person at a time');
      const { galleryRemove } = await import('../database/actions.ts');
      const report = await galleryRemove({ ...flags, names: flags.names.map(String), photos: flags.photo });
      if (flags.json) printJson({ schemaVersion: 1, ...report });
      else for (const { name, photos } of report.removed) print(`removed ${name}: ${count(photos, 'photo')}`);
      return undefined;
    },
  });
}
