// `tk show`: saved_model_cli's `show`, flag by flag.
import { defineCommand } from '../command.ts';
import { lastOf, requiredText, warnUnused } from '../flags.ts';
import { note, printExact, printJson } from '../terminal/output.ts';
import type { InspectReport } from './report.ts';

interface ShowFlags {
  dir?: string | undefined;
  all?: boolean | undefined;
  tag_set?: string | undefined;
  signature_def?: string | undefined;
  list_ops?: boolean | undefined;
}

export const showCommand = defineCommand<ShowFlags>({
  command: 'show',
  describe: "saved_model_cli's show: tag-sets, signatures, ops of a SavedModel",
  builder: (yargs) =>
    yargs
      .option('dir', {
        type: 'string',
        coerce: lastOf,
        describe: 'the SavedModel; alone it lists the tag-sets',
      })
      .option('all', { type: 'boolean', describe: 'everything' })
      .option('tag_set', {
        type: 'string',
        coerce: lastOf,
        describe: 'the MetaGraph with these tags (commas between); alone it lists the signatures',
      })
      .option('signature_def', {
        type: 'string',
        coerce: lastOf,
        describe: 'inputs and outputs of this signature',
      })
      .option('list_ops', { type: 'boolean', describe: 'the ops of the MetaGraph, sorted' })
      .example('$0 show --dir output/keras', 'the tag-sets')
      .example('$0 show --dir output/keras --tag_set serve --signature_def serving_default', 'one signature'),
  run: async (flags) => {
    const dir = requiredText('show', 'dir', flags.dir);
    // saved_model_cli passes these over without a word; what it prints is printed all the same.
    if (flags.all) warnUnused(flags, ['tag_set', 'signature_def'], 'beside --all');
    else if (flags.tag_set === undefined) warnUnused(flags, ['signature_def'], 'without --tag_set');
    const { inspect } = await import('./inspect.ts');
    const report = await inspect(dir, { strict: true });
    if (flags.json) printJson(await selection(report, flags));
    else printExact(await textOf(report, flags));
    return undefined;
  },
});

async function textOf(report: InspectReport, flags: ShowFlags): Promise<string> {
  const { hollowNote, showAll, showOps, showSignature, showSignatureKeys, showTagSets } = await import(
    './text.ts'
  );
  const { chooseMetaGraph, chooseSignature } = await import('./inspect.ts');
  for (const line of hollowNote(report)) note(line);
  if (flags.all) return showAll(report);
  if (flags.tag_set === undefined) {
    const unpaired = flags.list_ops ? '--list_ops must be paired with a tag-set or with --all.\n' : '';
    return unpaired + showTagSets(report);
  }
  const metaGraph = chooseMetaGraph(report, flags.tag_set);
  const rest =
    flags.signature_def === undefined
      ? showSignatureKeys(metaGraph)
      : showSignature(chooseSignature(metaGraph, flags.signature_def));
  return (flags.list_ops ? showOps(metaGraph) : '') + rest;
}

/** As data: the whole report, or the MetaGraph and the signature that were asked for. */
async function selection(report: InspectReport, flags: ShowFlags): Promise<InspectReport> {
  if (flags.all || flags.tag_set === undefined) return report;
  const { narrowReport } = await import('./inspect.ts');
  return narrowReport(report, flags.tag_set, flags.signature_def);
}
