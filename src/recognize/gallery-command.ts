// `tk gallery`: its subcommands' flags, and what they print.
import type { Argv, CommandModule } from 'yargs';
import { defineCommand, type GlobalOptions } from '../command.ts';
import { badInput, EXIT } from '../errors.ts';
import { interruptSignal } from '../interrupt.ts';
import { note, print, printJson } from '../terminal/output.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';
import type { ModelIdentity } from './database/identity.ts';
import {
  type ModelFlags,
  type RecognizeDependencies,
  showConversion,
  withModelFlags,
} from './model-flags.ts';

interface GalleryFlags extends GlobalOptions {
  db?: string;
  tenant?: string;
}

/** `tk gallery` with `add`, `remove`, `list`, `import`, `export`, `search` and `index`. */
export function galleryCommand(
  dependencies: RecognizeDependencies,
): CommandModule<GlobalOptions, GlobalOptions> {
  return {
    command: 'gallery',
    describe: 'a database of known faces: add, remove, list, import, export, search, index',
    builder: (yargs) =>
      yargs
        .usage(
          '$0 gallery <command>\n\nA database of known faces: a folder, or a PostgreSQL server with pgvector.',
        )
        .command(addCommand(dependencies))
        .command(removeCommand())
        .command(listCommand())
        .command(importCommand(dependencies))
        .command(exportCommand())
        .command(searchCommand(dependencies))
        .command(indexCommand())
        .demandCommand(1, 'name a command: tk gallery add, remove, list, import, export, search or index')
        .example('$0 gallery add known/', 'every known/NAME/photo.jpg')
        .example('$0 gallery add ann.jpg --name Ann --db postgres://host/faces', 'into a shared gallery')
        .example('$0 gallery remove Ann', 'and everything that is kept of her'),
    handler: () => undefined,
  };
}

function withDatabaseFlags(yargs: Argv<GlobalOptions>): Argv<GlobalOptions & GalleryFlags> {
  return yargs
    .option('db', {
      type: 'string',
      describe: 'folder, or postgres://… with pgvector; default: TK_GALLERY, else your own gallery',
    })
    .option('tenant', { type: 'string', describe: 'collection of people; default: default' }) as never;
}

function addCommand({ convert }: RecognizeDependencies) {
  return defineCommand<GalleryFlags & ModelFlags & { paths: string[]; name?: string; thumbnails?: boolean }>({
    command: 'add <paths..>',
    describe: 'embed photos and keep them: folders of name/photo.jpg, or with --name photos of one person',
    builder: (yargs) =>
      withModelFlags(
        withDatabaseFlags(yargs)
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
        const { galleryAdd } = await import('./database/actions.ts');
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

function removeCommand() {
  return defineCommand<GalleryFlags & { names: string[]; photo?: string[] }>({
    command: 'remove <names..>',
    describe: 'remove people with everything that is kept of them, or single photos of one',
    builder: (yargs) =>
      withDatabaseFlags(yargs)
        .positional('names', { type: 'string', array: true, demandOption: true, describe: 'people' })
        .option('photo', {
          type: 'string',
          array: true,
          describe: 'only this photo, by its hash: see tk gallery list NAME',
        }) as never,
    run: async (flags) => {
      if (flags.photo && flags.names.length > 1)
        throw badInput('usage', '--photo is for one person at a time');
      const { galleryRemove } = await import('./database/actions.ts');
      const report = await galleryRemove({ ...flags, names: flags.names.map(String), photos: flags.photo });
      if (flags.json) printJson({ schemaVersion: 1, ...report });
      else for (const { name, photos } of report.removed) print(`removed ${name}: ${count(photos, 'photo')}`);
      return undefined;
    },
  });
}

function listCommand() {
  return defineCommand<GalleryFlags & { name?: string }>({
    command: 'list [name]',
    describe: 'the people of a gallery, or the photos of one',
    builder: (yargs) =>
      withDatabaseFlags(yargs).positional('name', { type: 'string', describe: 'one person' }) as never,
    run: async (flags) => {
      const { galleryList, galleryPhotos } = await import('./database/actions.ts');
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

function importCommand({ convert }: RecognizeDependencies) {
  return defineCommand<GalleryFlags & ModelFlags & { file: string; filenames?: string; model?: string }>({
    command: 'import <file>',
    describe: 'take in embeddings: reg_embeddings.npy, a folder with the pair, or an export (.jsonl)',
    builder: (yargs) =>
      withModelFlags(
        withDatabaseFlags(yargs)
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
        const { galleryImport } = await import('./database/actions.ts');
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
      const { added, present, models, database } = report;
      if (flags.json) printJson({ schemaVersion: 1, ...report });
      else print(`${added} added, ${present} there before: ${models.map(nameOf).join(', ')} in ${database}`);
      return undefined;
    },
  });
}

function exportCommand() {
  return defineCommand<GalleryFlags & { out: string; model?: string }>({
    command: 'export <out>',
    describe: 'write FILE.jsonl (everything), or a folder with the pair of .npy files',
    builder: (yargs) =>
      withDatabaseFlags(yargs)
        .positional('out', { type: 'string', demandOption: true, describe: 'FILE.jsonl or a folder' })
        .option('model', {
          type: 'string',
          describe: 'of which model, by name or start of its identity',
        }) as never,
    run: async (flags) => {
      const { galleryExport } = await import('./database/actions.ts');
      const report = await galleryExport(flags);
      if (flags.json) printJson({ schemaVersion: 1, ...report });
      else print(`${count(report.faces, 'face')}: ${report.files.join(', ')}`);
      return undefined;
    },
  });
}

interface SearchFlags extends GalleryFlags, ModelFlags {
  images: string[];
  top: number;
  candidates?: number;
  exact?: boolean;
  model?: string;
}

function searchCommand({ convert }: RecognizeDependencies) {
  return defineCommand<SearchFlags>({
    command: 'search <images..>',
    describe: 'the nearest faces of a gallery to those of photos, or to rows of .npy files',
    builder: (yargs) =>
      withModelFlags(
        withDatabaseFlags(yargs)
          .positional('images', {
            type: 'string',
            array: true,
            demandOption: true,
            describe: 'photos, or .npy',
          })
          .option('top', { type: 'number', default: 5, describe: 'faces to show' })
          .option('candidates', { type: 'number', describe: 'faces that the index hands over to be scored' })
          .option('exact', { type: 'boolean', describe: 'compare with every face, past any index' })
          .option('model', {
            type: 'string',
            describe: 'with .npy: which of the gallery’s models made them',
          }) as never,
      ) as never,
    run: async (flags) => {
      requirePositive(flags, ['top', 'candidates']);
      const { scoreName } = await import('./report.ts');
      const report = await withProgress(flags, async (progress) => {
        const { gallerySearch } = await import('./database/search-action.ts');
        return gallerySearch({ ...flags, ...events(progress) }, await dependenciesOf(convert));
      });
      if (flags.json) printJson({ schemaVersion: 1, ...report });
      else {
        if (report.results.length === 0) print('no face');
        for (const { query, box, near } of report.results) {
          print(box ? `${query}, face at ${box.slice(0, 2).map(Math.round).join(',')}:` : `${query}:`);
          for (const { name, file, score } of near) {
            print(`  ${name}, ${scoreName(report.profile)} ${score.toFixed(3)}, ${file}`);
          }
        }
      }
      return undefined;
    },
  });
}

interface IndexFlags extends GalleryFlags {
  model?: string;
  profile?: string;
  m?: number;
  efConstruction?: number;
  drop?: boolean;
}

function indexCommand() {
  return defineCommand<IndexFlags>({
    command: 'index',
    describe: 'build the HNSW index of a model’s faces: for large galleries (docs/gallery.md)',
    builder: (yargs) =>
      withDatabaseFlags(yargs)
        .option('model', { type: 'string', describe: 'of which model, by name or start of its identity' })
        .option('profile', {
          type: 'string',
          describe: 'how its embeddings are compared: a name, or a JSON file',
        })
        .option('m', { type: 'number', describe: 'links a node; default 16' })
        .option('ef-construction', { type: 'number', describe: 'candidates while building; default 64' })
        .option('drop', { type: 'boolean', describe: 'remove the index' }) as never,
    run: async (flags) => {
      requirePositive(flags, ['m', 'efConstruction']);
      const report = await withProgress(flags, async (progress) => {
        const { galleryIndex } = await import('./database/actions.ts');
        progress.start('index');
        return galleryIndex(flags);
      });
      if (flags.json) printJson({ schemaVersion: 1, ...report });
      else print(`${report.model}: ${report.indexed ? `indexed for ${report.metric}` : 'index removed'}`);
      return undefined;
    },
  });
}

async function withProgress<T>(flags: GlobalOptions, work: (progress: Progress) => Promise<T>): Promise<T> {
  const progress = createProgress({ silent: flags.json });
  try {
    return await work(progress);
  } finally {
    progress.stop();
  }
}

function events(progress: Progress) {
  return {
    signal: interruptSignal,
    onConvert: (source: string, event: Parameters<typeof showConversion>[1]) =>
      showConversion(source, event, progress),
    onEvent: ({ models }: { models: string[] }) => progress.start(`models verified: ${models.join(', ')}`),
  };
}

async function dependenciesOf(convert: RecognizeDependencies['convert']) {
  return (await import('./dependencies.ts')).defaultDependencies(convert);
}

function requirePositive<Key extends string>(flags: Partial<Record<Key, unknown>>, names: Key[]): void {
  for (const name of names) {
    const value = flags[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) > 0)) {
      throw badInput(
        'usage',
        `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} takes a number from 1`,
      );
    }
  }
}

function nameOf({ name, identity }: Pick<ModelIdentity, 'name' | 'identity'>): string {
  return `${name} (${identity.slice(0, 12)})`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
