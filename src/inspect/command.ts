// `tk inspect`: flags and wiring.
import { defineCommand, type GlobalOptions } from '../command.ts';
import { badInput, EXIT, type ExitCode } from '../errors.ts';
import { warnUnused } from '../flags.ts';
import { note, print, printExact, printJson } from '../terminal/output.ts';
import type { ModelReport } from './models/report.ts';
import type { InspectReport } from './report.ts';
import type { SnippetLanguage } from './snippet/snippet.ts';

interface InspectFlags {
  path?: string | undefined;
  other?: string | undefined;
  dir?: string | undefined;
  all?: boolean | undefined;
  tag_set?: string | undefined;
  signature_def?: string | undefined;
  list_ops?: boolean | undefined;
  snippet?: string | undefined;
  variables?: boolean | undefined;
  check?: boolean | undefined;
  diff?: boolean | undefined;
  graph?: string | undefined;
}

export const inspectCommand = defineCommand<InspectFlags>({
  command: 'inspect [path] [other]',
  describe: 'what is in a model file of any format: tensor names, shapes, ops, versions, weights',
  builder: (yargs) =>
    yargs
      .positional('path', {
        type: 'string',
        describe: 'a model file of any format, or an output directory of tk convert',
      })
      .positional('other', { type: 'string', describe: 'with --diff: the model to compare with' })
      .option('dir', { type: 'string', describe: 'the SavedModel, exactly as saved_model_cli takes it' })
      .option('all', { type: 'boolean', describe: 'everything, as saved_model_cli show --all (the default)' })
      .option('tag_set', {
        type: 'string',
        describe: 'only this MetaGraph, e.g. serve; several tags with commas',
      })
      .option('signature_def', { type: 'string', describe: 'only this signature, e.g. serving_default' })
      .option('list_ops', { type: 'boolean', describe: 'the ops of the MetaGraph' })
      .option('snippet', {
        choices: ['go', 'python', 'node', 'c', 'serving'],
        describe: 'print a client that runs, with the true tensor names',
      })
      .option('variables', {
        type: 'boolean',
        describe: 'the stored tensors: name, dtype, shape, bytes; of a SavedModel also shard and checksum',
      })
      .option('check', { type: 'boolean', describe: "verify the checksums of a SavedModel's variables" })
      .option('diff', {
        type: 'boolean',
        describe: 'compare two models as a client meets them; exit 1 where inputs or outputs differ',
      })
      .option('graph', {
        type: 'string',
        describe: 'draw the graph: a page to zoom and search (out.html) or a still picture (out.svg)',
      })
      .example('$0 inspect --dir output/keras', 'the text of saved_model_cli show --all, at once')
      .example('$0 inspect output --snippet go > main.go', 'a tfgo client')
      .example('$0 inspect --diff old.onnx output/keras', 'what a client would notice')
      .example('$0 inspect model.onnx --graph model.html', 'the graph as a page to look at')
      .example('$0 inspect output --json', 'the same as data'),
  run: async (flags) => {
    refuseIdle(flags);
    if (flags.diff) return diff(flags);
    const path = pathOf(flags);
    const { inspectAny } = await import('./any.ts');
    // saved_model_cli's text names only TensorFlow's tensors.
    const withoutOnnxNames = flags.snippet === undefined && !flags.json;
    const report = await inspectAny(path, { strict: flags.dir !== undefined, withoutOnnxNames });
    if (flags.graph !== undefined) return draw(report, flags.graph, flags);
    if (report.format !== 'saved-model') return printModel(report, flags);
    if (flags.variables || flags.check) return printVariables(report, flags);
    if (flags.snippet !== undefined) await printSnippet(report, flags.snippet as SnippetLanguage, flags);
    else if (flags.json) printJson(await selection(report, flags));
    else printExact(await textOf(report, flags));
    return undefined;
  },
});

type Flags = InspectFlags & GlobalOptions;

/** Each asks for an answer of its own; of two, one would be left out in silence. */
const TASKS = [['diff'], ['graph'], ['snippet'], ['variables', 'check'], ['list_ops', 'all']] as const;
/** What reads files as wholes, whatever MetaGraph or signature a flag chooses. */
const OF_WHOLE_FILES = ['diff', 'variables', 'check'] as const;

/** @throws TkError `usage` (exit 2) for flags that exclude each other */
function refuseIdle(flags: Flags): void {
  const isGiven = (flag: keyof InspectFlags) => flags[flag] !== undefined && flags[flag] !== false;
  const [first, second] = TASKS.flatMap((task) => task.filter(isGiven).slice(0, 1));
  if (second !== undefined)
    throw badInput('usage', `--${first} and --${second} are two tasks`, 'run them one after the other');
  const whole = OF_WHOLE_FILES.find(isGiven);
  const part = (['tag_set', 'signature_def'] as const).find(isGiven);
  if (whole !== undefined && part !== undefined)
    throw badInput('usage', `--${whole} does not go by --${part}: leave it out`);
  if (flags.all) warnUnused(flags, ['tag_set', 'signature_def'], 'beside --all');
}

/** Draws the graph of the chosen MetaGraph or signature, else of all there is. */
async function draw(report: InspectReport | ModelReport, path: string, flags: Flags): Promise<undefined> {
  const { tag_set: tagSet, signature_def: signature } = flags;
  if (report.format !== 'saved-model') refuseSavedModelFlags(report, flags);
  else if ((tagSet ?? signature) !== undefined) {
    (await import('./inspect.ts')).narrowReport(report, tagSet, signature);
  }
  const { drawGraph } = await import('./graph/graph.ts');
  const result = await drawGraph(report, path, { tagSet, signature });
  if (flags.json) printJson(result);
  else {
    print(`${result.file}: ${result.nodes} nodes, ${result.links} links`);
    for (const line of result.notes) note(line);
  }
}

/** Compares two models; exit 1 where the contract broke. */
async function diff(flags: Flags): Promise<ExitCode | undefined> {
  const { path, other } = flags;
  if (!path || !other || flags.dir !== undefined) {
    throw badInput(
      'usage',
      '--diff compares two models: name both',
      'for example: tk inspect --diff a.onnx b.onnx',
    );
  }
  const { diffModels } = await import('./diff-models.ts');
  const result = await diffModels(path, other);
  if (flags.json) printJson(result);
  else print((await import('./diff-text.ts')).diffText(result));
  return result.contractBroken ? EXIT.checkFailed : undefined;
}

async function printModel(report: ModelReport, flags: Flags): Promise<undefined> {
  refuseSavedModelFlags(report, flags);
  if (flags.json) printJson(report);
  else print((await import('./models/text.ts')).modelText(report, flags.variables ?? false));
}

function refuseSavedModelFlags(report: ModelReport, flags: Flags): void {
  const asked = SAVED_MODEL_FLAGS.find((flag) => flags[flag] !== undefined && flags[flag] !== false);
  if (asked !== undefined) {
    throw badInput(
      'usage',
      `${report.file}: --${asked} is for a SavedModel, and this is none (${report.format})`,
    );
  }
}

const SAVED_MODEL_FLAGS = ['check', 'tag_set', 'signature_def', 'list_ops', 'snippet'] as const;

/** Lists a SavedModel's variables; exit 1 where a check finds one damaged or missing. */
async function printVariables(report: InspectReport, flags: Flags): Promise<ExitCode | undefined> {
  const { readVariables } = await import('./variables.ts');
  const variables = readVariables(report.file, flags.check);
  if (flags.json) printJson(variables);
  else print((await import('./variables-text.ts')).variablesText(variables));
  return variables.intact === false ? EXIT.checkFailed : undefined;
}

function pathOf(flags: InspectFlags): string {
  const given = [flags.path, flags.dir].filter((path) => path !== undefined);
  const [path] = given;
  if (given.length === 1 && path && flags.other === undefined) return path;
  const what =
    given.length > 1
      ? 'PATH and --dir are two models'
      : flags.other
        ? 'two models need --diff'
        : 'no model is named';
  throw badInput('usage', what, 'for example: tk inspect --dir output/keras');
}

async function textOf(report: InspectReport, flags: InspectFlags): Promise<string> {
  const { hollowNote, showAll, showOps, showSignature, showSignatureKeys } = await import('./text.ts');
  const { chooseMetaGraph, chooseSignature } = await import('./inspect.ts');
  const narrowed = flags.tag_set ?? flags.signature_def ?? flags.list_ops;
  for (const line of hollowNote(report)) note(line);
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
  const { snippet } = await import('./snippet/snippet.ts');
  const { chooseMetaGraph, chooseSignature } = await import('./inspect.ts');
  const { dirname } = await import('node:path');
  const metaGraph = chooseMetaGraph(report, flags.tag_set);
  const signature = chooseSignature(metaGraph, flags.signature_def);
  const text = snippet(language, { report, metaGraph, signature, directory: dirname(report.file) });
  if (flags.json) printJson({ language, snippet: text });
  else printExact(text);
}
