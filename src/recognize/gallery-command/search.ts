// `tk gallery search` and `index`: the nearest faces, and the index that finds them sooner.
import { defineCommand, type GlobalOptions } from '../../command.ts';
import { print, printJson } from '../../terminal/output.ts';
import { type DatabaseFlags, OWN_GALLERY, withDatabaseFlags } from '../gallery-flags.ts';
import { type ModelFlags, type RecognizeDependencies, withModelFlags } from '../model-flags.ts';
import { dependenciesOf, events, requirePositive, withProgress } from './shared.ts';

interface SearchFlags extends GlobalOptions, DatabaseFlags, ModelFlags {
  images: string[];
  top: number;
  candidates?: number;
  exact?: boolean;
  model?: string;
}

export function searchCommand({ convert }: RecognizeDependencies) {
  return defineCommand<SearchFlags>({
    command: 'search <images..>',
    describe: 'the nearest faces of a gallery to those of photos, or to rows of .npy files',
    builder: (yargs) =>
      withModelFlags(
        withDatabaseFlags(yargs, OWN_GALLERY)
          .positional('images', {
            type: 'string',
            array: true,
            demandOption: true,
            describe: 'photos, or .npy',
          })
          .option('top', { type: 'number', default: 5, describe: 'faces to show' })
          .option('candidates', {
            type: 'number',
            describe: 'faces that the database gives to be scored; default 200',
          })
          .option('exact', { type: 'boolean', describe: 'compare with every face, past any index' })
          .option('model', {
            type: 'string',
            describe: 'with .npy: which of the gallery’s models made them',
          }) as never,
      ) as never,
    run: async (flags) => {
      requirePositive(flags, ['top', 'candidates']);
      const { scoreName } = await import('../report.ts');
      const report = await withProgress(flags, async (progress) => {
        const { gallerySearch } = await import('../database/search-action.ts');
        return gallerySearch({ ...flags, ...events(progress) }, await dependenciesOf(convert));
      });
      if (flags.json) printJson({ schemaVersion: 1, ...report });
      else {
        if (report.results.length === 0) print('no face');
        for (const { query, box, row, near } of report.results) {
          const where = box ? `face at ${box.slice(0, 2).map(Math.round).join(',')}` : `row ${row}`;
          print(`${query}, ${where}:`);
          for (const { name, file, score } of near) {
            print(`  ${name}, ${scoreName(report.profile)} ${score.toFixed(3)}, ${file}`);
          }
        }
      }
      return undefined;
    },
  });
}

interface IndexFlags extends GlobalOptions, DatabaseFlags {
  model?: string;
  profile?: string;
  m?: number;
  efConstruction?: number;
  drop?: boolean;
}

export function indexCommand() {
  return defineCommand<IndexFlags>({
    command: 'index',
    describe: 'build the HNSW index of a model’s faces: for large galleries (docs/gallery.md)',
    builder: (yargs) =>
      withDatabaseFlags(yargs, OWN_GALLERY)
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
        const { galleryIndex } = await import('../database/actions.ts');
        progress.start('index');
        return galleryIndex(flags);
      });
      if (flags.json) printJson({ schemaVersion: 1, ...report });
      else print(`${report.model}: ${report.indexed ? `indexed for ${report.metric}` : 'index removed'}`);
      return undefined;
    },
  });
}
