// The bin: registers the commands and maps their failures to exit codes. Imports nothing heavy.
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { type GlobalOptions, reportError } from './command.ts';
import { convertCommand } from './convert/command.ts';
import { environmentError, TkError } from './errors.ts';
import { inspectCommand } from './inspect/command.ts';
import { scanCommand } from './inspect/scan-command.ts';
import { showCommand } from './inspect/show-command.ts';
import { listenForInterrupts } from './interrupt.ts';
import { markOperands } from './operands.ts';
import { type DeclaredOptions, refuseUnusable } from './option-values.ts';
import { calibrateCommand } from './recognize/calibrate/command.ts';
import { recognizeCommand } from './recognize/command.ts';
import { galleryCommand } from './recognize/gallery-command/command.ts';
import type { RecognizeDependencies } from './recognize/model-flags.ts';
import { serveCommand } from './recognize/serve-command.ts';
import { runCommand } from './run/command.ts';
import { doctorCommand } from './setup/doctor-command.ts';
import { setupCommand } from './setup/setup-command.ts';
import { usageError } from './usage.ts';
import { verifyCommand } from './verify/command.ts';
import { VERSION } from './version.ts';

// A reader that closes early (`tk … | head`) is not an error; a full disk is one, and there is nobody left to tell but stderr.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  const message = `the result cannot be written to stdout (${error.code})`;
  const failure = environmentError('output-unwritable', message, 'is the disk full?', error);
  process.exit(reportError(failure, { verbose: process.argv.includes('--verbose') }));
});

/** Commands do not import each other: those that convert what they lack get it from here. */
const convert: RecognizeDependencies['convert'] = async (options) =>
  (await import('./convert/convert.ts')).convert(options);

listenForInterrupts();
const args = hideBin(process.argv);

/** Parses and runs; yargs throws both at once and later, so everything stands in one try. */
async function main(): Promise<void> {
  try {
    await yargs(markOperands(args))
      .scriptName('tk')
      .usage(
        '$0 <command>\n\nConvert PyTorch models to TensorFlow, inspect them, prove parity, recognise faces.',
      )
      .version(VERSION)
      .option('json', { type: 'boolean', describe: 'print the result, or the error, as JSON on stdout' })
      .option('verbose', { type: 'boolean', describe: 'print stack traces and the output of subprocesses' })
      .command(convertCommand)
      .command(inspectCommand)
      .command(showCommand)
      .command(scanCommand)
      .command(runCommand)
      .command(verifyCommand)
      .command(recognizeCommand({ convert }))
      .command(galleryCommand({ convert }))
      .command(serveCommand({ convert }))
      .command(calibrateCommand({ convert }))
      .command(setupCommand)
      .command(doctorCommand)
      .completion('completion', 'print a shell completion script')
      .example(
        '$0 convert magface-iresnet100 --weights magface.pth',
        'PyTorch → ONNX → SavedModel in output/',
      )
      .example('$0 inspect --dir output/keras', 'the tensor names, as saved_model_cli show --all prints them')
      .example('$0 verify output', 'run both sides and compare')
      .example('$0 recognize photo.jpg --gallery known/', 'who is in the photo')
      .epilogue(
        'Exit codes: 0 done, 1 check failed, 2 bad usage or input, 3 environment, 4 conversion, 130 interrupted.',
      )
      .demandCommand(1, 'name a command')
      .strict()
      .recommendCommands()
      .check((argv, options) => refuseUnusable(argv, options as unknown as DeclaredOptions, args))
      .wrap(Math.min(100, process.stdout.columns ?? 100))
      .exitProcess(false)
      .fail((message, error) => {
        if (error instanceof TkError || (error && !message)) throw error;
        throw usageError(message ?? error.message, args);
      })
      .parseAsync();
  } catch (error) {
    const flags: GlobalOptions = {
      json: args.includes('--json'),
      jsonl: args.includes('--jsonl'),
      verbose: args.includes('--verbose'),
    };
    process.exitCode = reportError(error, flags);
  }
}

await main();
