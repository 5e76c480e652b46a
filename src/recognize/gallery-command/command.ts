// `tk gallery`: its subcommands.
import type { CommandModule } from 'yargs';
import type { GlobalOptions } from '../../command.ts';
import type { RecognizeDependencies } from '../model-flags.ts';
import { addCommand } from './add.ts';
import { listCommand, removeCommand } from './people.ts';
import { indexCommand, searchCommand } from './search.ts';
import { exportCommand, importCommand } from './transfer.ts';

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
