// `tk doctor`: flags and wiring.
import { defineCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { print, printJson } from '../terminal/output.ts';

export const doctorCommand = defineCommand<object>({
  command: 'doctor',
  describe: 'say what is installed, what is missing, and the one command that mends it',
  builder: (yargs) => yargs.epilogue('Exit code 3 when something that a command needs is missing.'),
  run: async ({ json }) => {
    const [{ examine }, { formatReport }] = await Promise.all([
      import('./doctor.ts'),
      import('./doctor-report.ts'),
    ]);
    const report = await examine();
    if (json) printJson(report);
    else print(formatReport(report));
    return report.ok ? undefined : EXIT.environment;
  },
});
