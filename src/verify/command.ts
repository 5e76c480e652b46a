// `tk verify`: flags and wiring.
import { defineCommand } from '../command.ts';

export const verifyCommand = defineCommand<object>({
  command: 'verify',
  describe: 'verify',
  builder: (yargs) => yargs,
  run: async () => undefined,
});
