// `tk scan`: saved_model_cli's `scan`, flag by flag, and an exit code.
import { defineCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { lastOf, requiredText } from '../flags.ts';
import { note, printExact, printJson } from '../terminal/output.ts';

interface ScanFlags {
  dir?: string | undefined;
  tag_set?: string | undefined;
  op_denylist?: string | undefined;
  'exit-code'?: boolean | undefined;
}

export const scanCommand = defineCommand<ScanFlags>({
  command: 'scan',
  describe: "saved_model_cli's scan: ops that read, write or print outside the model",
  builder: (yargs) =>
    yargs
      .option('dir', { type: 'string', coerce: lastOf, describe: 'the SavedModel' })
      .option('tag_set', {
        type: 'string',
        coerce: lastOf,
        describe: 'only the MetaGraph with these tags (commas between)',
      })
      .option('op_denylist', {
        type: 'string',
        coerce: lastOf,
        describe: 'the ops to look for, commas between (default: WriteFile,ReadFile,PrintV2)',
      })
      .option('exit-code', { type: 'boolean', describe: 'exit 1 where a denylisted op is found' })
      .example('$0 scan --dir output/keras --exit-code', 'for CI')
      .example('$0 scan --dir output/keras --op_denylist PyFunc --verbose', 'names the nodes, on stderr'),
  run: async (flags) => {
    const dir = requiredText('scan', 'dir', flags.dir);
    const { foundNodesText, scan, scanText } = await import('./scan.ts');
    const report = await scan(dir, {
      tagSet: flags.tag_set,
      // An empty list is no list to saved_model_cli; `,` is one without ops.
      denylist: flags.op_denylist ? flags.op_denylist.split(',').filter(Boolean) : undefined,
    });
    if (flags.json) printJson(report);
    else printExact(scanText(report));
    if (flags.verbose && !flags.json) for (const line of foundNodesText(report)) note(line);
    const found = report.metaGraphs.some((metaGraph) => metaGraph.found.length > 0);
    return flags['exit-code'] && found ? EXIT.checkFailed : undefined;
  },
});
