// `tk doctor`: flags and wiring.
import { defineCommand } from '../command.ts';

export const doctorCommand = defineCommand<object>({
  command: 'doctor',
  describe: 'doctor',
  builder: (yargs) => yargs,
  run: async () => undefined,
});
