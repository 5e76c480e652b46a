// `tk inspect`: flags and wiring.
import { defineCommand } from '../command.ts';

export const inspectCommand = defineCommand<object>({
  command: 'inspect',
  describe: 'inspect',
  builder: (yargs) => yargs,
  run: async () => undefined,
});
