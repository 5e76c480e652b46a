// `tk inspect` as a function of the library.
import { badInput } from '../errors.ts';
import type { Manifest } from '../formats/output/manifest.ts';
import { isTagSet } from '../formats/savedmodel/read.ts';
import { gatherReport } from './gather.ts';
import { type Located, locateModel, recoverAround } from './locate.ts';
import type { InspectReport, MetaGraphReport, SignatureReport } from './report.ts';

export interface InspectOptions {
  /** Take the path as saved_model_cli takes `--dir`: the SavedModel's own directory, nothing near it. */
  strict?: boolean;
  /** Leave out the ONNX names, which cost the reading of the manifest. */
  withoutOnnxNames?: boolean;
}

/**
 * Describes the SavedModel at a path: its own directory or file, or an output directory of `tk convert`. Reads no
 * weights and needs no TensorFlow. In an output directory the ONNX model's names stand beside TensorFlow's.
 * @throws TkError (exit 2) where there is no model, or it is damaged
 */
export async function inspect(path: string, options: InspectOptions = {}): Promise<InspectReport> {
  await recoverAround(path);
  const located = locateModel(path, options.strict);
  const report = gatherReport(located.file);
  return options.withoutOnnxNames ? report : withOnnxNames(report, located);
}

/** Adds what the manifest of an output directory knows; one that is damaged or of another version adds nothing. */
async function withOnnxNames(report: InspectReport, { output }: Located): Promise<InspectReport> {
  if (output === null) return report;
  const manifest = await manifestOf(output);
  if (!manifest) return report;
  const onnxNames = new Map(
    [...manifest.inputs, ...manifest.outputs].map((tensor) => [tensor.tensorName, tensor.onnxName]),
  );
  for (const tensor of report.metaGraphs.flatMap(tensorsOf)) {
    const onnxName = onnxNames.get(tensor.name);
    if (onnxName !== undefined) tensor.onnxName = onnxName;
  }
  return { ...report, nameMapping: manifest.nameMapping };
}

async function manifestOf(output: string): Promise<Manifest | undefined> {
  const { readManifest } = await import('../formats/output/manifest.ts');
  try {
    return readManifest(output);
  } catch {
    return undefined;
  }
}

function tensorsOf(metaGraph: MetaGraphReport): SignatureReport['inputs'] {
  return metaGraph.signatures.flatMap((signature) => [...signature.inputs, ...signature.outputs]);
}

/**
 * The MetaGraph that a tag-set names (in any order), or the only one where none is named.
 * @param tagSet tags separated by commas
 * @throws TkError `unknown-tag-set`, listing those there are
 */
export function chooseMetaGraph(report: InspectReport, tagSet: string | undefined): MetaGraphReport {
  const known = report.metaGraphs.map((metaGraph) => metaGraph.tags.join(',')).join('; ');
  if (tagSet === undefined) {
    const [only, second] = report.metaGraphs;
    if (only && !second) return only;
    if (!only) throw badInput('no-meta-graph', `${report.file} holds no MetaGraph`);
    throw badInput(
      'unknown-tag-set',
      `${report.file} has several tag-sets; choose one with --tag_set from: ${known}`,
    );
  }
  const found = report.metaGraphs.find(({ tags }) => isTagSet(tags, tagSet));
  if (found) return found;
  throw badInput('unknown-tag-set', `no tag-set "${tagSet}" in ${report.file}; choose from: ${known}`);
}

/**
 * The signature of that key; without one `serving_default`, or the only one that has outputs.
 * @throws TkError `unknown-signature`, listing those there are
 */
export function chooseSignature(metaGraph: MetaGraphReport, key: string | undefined): SignatureReport {
  const { signatures } = metaGraph;
  const known = signatures.map((signature) => signature.key).join(', ') || 'none';
  const usable = signatures.filter(
    ({ outputs, key }) => outputs.length > 0 && !key.startsWith('__saved_model'),
  );
  const found =
    key === undefined
      ? (signatures.find((signature) => signature.key === 'serving_default') ??
        (usable.length === 1 ? usable[0] : undefined))
      : signatures.find((signature) => signature.key === key);
  if (found) return found;
  const message = key === undefined ? 'no serving_default signature' : `no signature "${key}"`;
  const tags = metaGraph.tags.join(',');
  throw badInput('unknown-signature', `${message} under the tag-set ${tags}; choose from: ${known}`);
}

/** The report with only one MetaGraph, and of its signatures only one where a key is given. */
export function narrowReport(
  report: InspectReport,
  tagSet: string | undefined,
  key: string | undefined,
): InspectReport {
  const metaGraph = chooseMetaGraph(report, tagSet);
  if (key === undefined) return { ...report, metaGraphs: [metaGraph] };
  return { ...report, metaGraphs: [{ ...metaGraph, signatures: [chooseSignature(metaGraph, key)] }] };
}
