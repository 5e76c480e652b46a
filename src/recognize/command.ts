// `tk recognize`: flags and wiring.
import { defineCommand } from '../command.ts';
import type { ConvertOptions, ConvertResult } from '../convert/convert.ts';

/** What the command needs from outside: commands do not import each other, the bin hands `convert` in. */
export interface RecognizeDependencies {
  convert: (options: ConvertOptions) => Promise<ConvertResult>;
}

export function recognizeCommand(_dependencies: RecognizeDependencies) {
  return defineCommand<object>({
    command: 'recognize <image>',
    describe: 'recognize',
    builder: (yargs) => yargs,
    run: async () => undefined,
  });
}
