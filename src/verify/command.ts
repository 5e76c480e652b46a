// `tk verify`: wiring.
import { defineCommand, reportError } from '../command.ts';
import { EXIT } from '../errors.ts';
import type { ParityRecord } from '../formats/output/parity.ts';
import { interruptSignal } from '../interrupt.ts';
import { isLive, note, print, printJson } from '../terminal/output.ts';
import { createProgress } from '../terminal/progress.ts';
import { declareFlags, optionsOf, type VerifyFlags } from './flags.ts';

export const verifyCommand = defineCommand<VerifyFlags>({
  command: 'verify [models..]',
  describe: 'run models on the same inputs in several runtimes and compare what they give',
  builder: declareFlags,
  run: async (flags) => {
    if (flags.all !== undefined) return (await import('./sweep/command.ts')).runSweep(flags);
    const [
      { verify },
      { reportText },
      { checkWritable },
      { repeatCommand },
      { withReports },
      { imageGatherer },
    ] = await Promise.all([
      import('./verify.ts'),
      import('./reports/terminal.ts'),
      import('../formats/writable.ts'),
      import('./repeat.ts'),
      import('./reports/write.ts'),
      import('./reports/images.ts'),
    ]);
    const options = await optionsOf(flags);
    for (const kind of ['report', 'junit', 'markdown', 'html'] as const) {
      if (flags[kind] !== undefined) checkWritable(flags[kind], `name another --${kind}`);
    }
    const progress = createProgress({ silent: !isLive() });
    progress.start('verify');
    const { add, images } = imageGatherer();
    let isTold = false;
    // The verdict first: what is written afterwards may meet a full disk.
    const tell = (record: ParityRecord) => {
      progress.stop();
      isTold = true;
      if (flags.json) return printJson(record);
      print(reportText(record));
      const [first] = record.failures;
      if (first) print(`repeat it: ${repeatCommand(process.argv.slice(2), first.file)}`);
    };
    try {
      const record = await withReports(flags, images, (keep) =>
        verify({
          ...options,
          signal: interruptSignal,
          onProgress: progress.message,
          onRecord: (record) => {
            keep(record);
            tell(record);
          },
          ...(flags.html !== undefined && { onCase: add }),
        }).finally(progress.stop),
      );
      if (flags.report !== undefined) note(`record written to ${flags.report}`);
      return record.verdict === 'passed' ? undefined : EXIT.checkFailed;
    } catch (error) {
      // With --json the record has stdout for itself.
      if (isTold && flags.json) return reportError(error, { verbose: flags.verbose });
      throw error;
    }
  },
});
