// `tk convert`: flags and wiring.
import { defineCommand } from '../command.ts';

export const convertCommand = defineCommand<object>({
  command: 'convert',
  describe: 'convert',
  builder: (yargs) => yargs,
  run: async () => undefined,
});
