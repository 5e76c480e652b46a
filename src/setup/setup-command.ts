// `tk setup`: flags and wiring.
import { defineCommand } from '../command.ts';

export const setupCommand = defineCommand<object>({
  command: 'setup',
  describe: 'setup',
  builder: (yargs) => yargs,
  run: async () => undefined,
});
