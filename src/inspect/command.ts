// `tk inspect`: flags and wiring.
import { defineCommand } from '../command.ts';
import { badInput } from '../errors.ts';
import { printExact, printJson } from '../terminal/output.ts';
import type { InspectReport } from './report.ts';
import type { SnippetLanguage } from './snippet.ts';

interface InspectFlags {
  path?: string | undefined;
  dir?: string | undefined;
  all?: boolean | undefined;
  tag_set?: string | undefined;
  signature_def?: string | undefined;
  list_ops?: boolean | undefined;
  snippet?: string | undefined;
}

export const inspectCommand = defineCommand<InspectFlags>({
  command: 'inspect [path]',
  describe: 'what is in a SavedModel: tensor names, shapes, signatures, ops, functions',
  builder: (yargs) =>
    yargs
      .positional('path', {
        type: 'string',
        describe: 'a SavedModel, or an output directory of tk convert',
      })
      .option('dir', { type: 'string', describe: 'the SavedModel, exactly as saved_model_cli takes it' })
      .option('all', { type: 'boolean', describe: 'everything, as saved_model_cli show --all (the default)' })
      .option('tag_set', {
        type: 'string',
        describe: 'only this MetaGraph, e.g. serve; several tags with commas',
      })
      .option('signature_def', { type: 'string', describe: 'only this signature, e.g. serving_default' })
      .option('list_ops', { type: 'boolean', describe: 'the ops of the MetaGraph' })
      .option('snippet', {
        choices: ['go', 'python', 'node'],
        describe: 'print a client that runs, with the true tensor names',
      })
      .example('$0 inspect --dir output/keras', 'the text of saved_model_cli show --all, at once')
      .example('$0 inspect output --snippet go > main.go', 'a tfgo client')
      .example('$0 inspect output --json', 'the same as data'),
  run: async (flags) => {
    const path = pathOf(flags);
    const { inspect } = await import('./inspect.ts');
    // saved_model_cli's text names only TensorFlow's tensors.
    const withoutOnnxNames = flags.snippet === undefined && !flags.json;
    const report = await inspect(path, { strict: flags.dir !== undefined, withoutOnnxNames });
    if (flags.snippet !== undefined) await printSnippet(report, flags.snippet as SnippetLanguage, flags);
    else if (flags.json) printJson(await selection(report, flags));
    else printExact(await textOf(report, flags));
    return undefined;
  },
});

function pathOf(flags: InspectFlags): string {
  const given = [flags.path, flags.dir].filter((path) => path !== undefined);
  const [path] = given;
  if (given.length === 1 && path) return path;
  const what = given.length > 1 ? 'PATH and --dir are two models' : 'name a SavedModel';
  throw badInput('usage', `tk inspect: ${what}`, 'for example: tk inspect --dir output/keras');
}

async function textOf(report: InspectReport, flags: InspectFlags): Promise<string> {
  const { showAll, showOps, showSignature, showSignatureKeys } = await import('./text.ts');
  const { chooseMetaGraph, chooseSignature } = await import('./inspect.ts');
  const narrowed = flags.tag_set ?? flags.signature_def ?? flags.list_ops;
  if (flags.all || narrowed === undefined) return showAll(report);
  const metaGraph = chooseMetaGraph(report, flags.tag_set);
  const ops = flags.list_ops ? showOps(metaGraph) : '';
  if (flags.signature_def !== undefined) {
    return ops + showSignature(chooseSignature(metaGraph, flags.signature_def));
  }
  return ops + (flags.tag_set === undefined ? '' : showSignatureKeys(metaGraph));
}

/** The report with only the MetaGraph and the signature that were asked for. */
async function selection(report: InspectReport, flags: InspectFlags): Promise<InspectReport> {
  if (flags.all || (flags.tag_set ?? flags.signature_def) === undefined) return report;
  const { narrowReport } = await import('./inspect.ts');
  return narrowReport(report, flags.tag_set, flags.signature_def);
}

async function printSnippet(
  report: InspectReport,
  language: SnippetLanguage,
  flags: InspectFlags & { json?: boolean | undefined },
): Promise<void> {
  const { snippet } = await import('./snippet.ts');
  const { chooseMetaGraph, chooseSignature } = await import('./inspect.ts');
  const { dirname } = await import('node:path');
  const metaGraph = chooseMetaGraph(report, flags.tag_set);
  const signature = chooseSignature(metaGraph, flags.signature_def);
  const text = snippet(language, { report, metaGraph, signature, directory: dirname(report.file) });
  if (flags.json) printJson({ language, snippet: text });
  else printExact(text);
}
