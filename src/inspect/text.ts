// The report as saved_model_cli's `show` prints it, to the byte; only the set of ops, which Python prints in an order
// that changes from run to run, is sorted. Follows tensorflow/python/tools/saved_model_cli.py (TensorFlow 2.19).

import { byCodePoint } from '../formats/order.ts';
import type { PythonValue } from '../formats/savedmodel/structured.ts';
import { repr, str, stringRepr, typeName } from './python-text.ts';
import type {
  FunctionReport,
  InspectReport,
  MetaGraphReport,
  SignatureReport,
  TensorReport,
} from './report.ts';

/** What is to be said beside the text, which is empty where TensorFlow's is. */
export function hollowNote({ file, metaGraphs }: Pick<InspectReport, 'file' | 'metaGraphs'>): string[] {
  return metaGraphs.length > 0 ? [] : [`tk: ${file}: holds no MetaGraph, so there is nothing in it to run`];
}

/** `show --all`. */
export function showAll(report: InspectReport): string {
  return report.metaGraphs.map(metaGraphText).join('') + functionsText(report);
}

/** `show` with only `--dir`: the tag-sets, each one's tags sorted. */
export function showTagSets(report: InspectReport): string {
  const lines = report.metaGraphs.map(
    ({ tags }) => `${stringRepr([...tags].sort(byCodePoint).join(', '))}\n`,
  );
  return `The given SavedModel contains the following tag-sets:\n${lines.join('')}`;
}

/** `show --tag_set`. */
export function showSignatureKeys(metaGraph: MetaGraphReport): string {
  const lines = metaGraph.signatures.map((signature) => `SignatureDef key: "${signature.key}"\n`);
  return `The given SavedModel MetaGraphDef contains SignatureDefs with the following keys:\n${lines.join('')}`;
}

/** `show --tag_set --signature_def` (no indent), and the same part of `--all` (indent 1). */
export function showSignature(signature: SignatureReport, indent = 0): string {
  const space = '  '.repeat(indent);
  const tensors = (kind: string, reports: TensorReport[]): string =>
    reports
      .map((tensor) => `${space}  ${kind}['${tensor.key}'] tensor_info:\n${tensorText(tensor, indent + 1)}`)
      .join('');
  return [
    `${space}The given SavedModel SignatureDef contains the following input(s):\n`,
    tensors('inputs', signature.inputs),
    `${space}The given SavedModel SignatureDef contains the following output(s):\n`,
    tensors('outputs', signature.outputs),
    `${space}Method name is: ${signature.methodName}\n`,
  ].join('');
}

/** The line of ops, which `--list_ops` prints too. */
export function showOps(metaGraph: MetaGraphReport): string {
  const ops = setText(metaGraph.ops.map(({ op }) => op));
  return `The MetaGraph with tag set ${listText(metaGraph.tags)} contains the following ops: ${ops}\n`;
}

/** Python's text of a list of texts. */
export function listText(items: readonly string[]): string {
  return `[${items.map(stringRepr).join(', ')}]`;
}

/** Python's text of a set of texts, sorted. */
export function setText(items: readonly string[]): string {
  return items.length > 0 ? `{${[...items].sort(byCodePoint).map(stringRepr).join(', ')}}` : 'set()';
}

function metaGraphText(metaGraph: MetaGraphReport): string {
  const signatures = metaGraph.signatures.map(
    (signature) => `\nsignature_def['${signature.key}']:\n${showSignature(signature, 1)}`,
  );
  const tags = metaGraph.tags.join(', ');
  return `\nMetaGraphDef with tag-set: '${tags}' contains the following SignatureDefs:\n${signatures.join('')}${showOps(metaGraph)}`;
}

function tensorText(tensor: TensorReport, indent: number): string {
  const space = '  '.repeat(indent);
  const shape = tensor.shape ? `(${tensor.shape.join(', ')})` : 'unknown_rank';
  return [
    `${space}    dtype: ${tensor.dtype}\n`,
    `${space}    shape: ${shape}\n`,
    `${space}    name: ${tensor.name}\n`,
  ].join('');
}

function functionsText({ functions, functionsUnlisted }: InspectReport): string {
  if (!functions) return '';
  const heading = '\nConcrete Functions:';
  if (functionsUnlisted) {
    const reason =
      functionsUnlisted === 'custom ops'
        ? 'the existence of custom ops in the SavedModel'
        : 'unknown reasons';
    return `${heading} N/A (could not be listed due to ${reason})\n`;
  }
  return heading + functions.map(functionText).join('');
}

function functionText(fn: FunctionReport): string {
  const options = fn.options.map((option, index) => {
    const heading = `    Option #${index + 1}\n      Callable with:\n`;
    const args = option.arguments.map((value, position) => argumentText(value, 'Argument', position));
    const keywords = option.keywords.map(([key], position) =>
      argumentText({ type: 'str', value: key }, 'Named Argument', position),
    );
    return (args.length > 0 ? heading : '') + args.join('') + keywords.join('');
  });
  return `\n  Function Name: '${fn.name}'\n${options.join('')}`;
}

/** saved_model_cli prints a comma after every element and two backspaces after the last. */
const BACKSPACES = '\b\b';

function argumentText(value: PythonValue, kind: string, position: number): string {
  const space = ' '.repeat(8);
  const heading = `${space}${kind} #${position + 1}\n`;
  const typed = (text: string): string =>
    `${heading}${space}  DType: ${typeName(value)}\n${space}  Value: ${text}\n`;
  switch (value.type) {
    case 'str':
      return `${heading}${space}  ${value.value}\n`;
    case 'TensorSpec':
    case 'BoundedTensorSpec':
      return `${heading}${space}  ${value.name ?? 'None'}: ${repr(value)}\n`;
    case 'list':
    case 'tuple':
      return typed(`[${value.items.map((item) => `${quoted(item)}, `).join('')}${BACKSPACES}]`);
    case 'namedtuple':
      return typed(`[${value.entries.map(([, item]) => `${quoted(item)}, `).join('')}${BACKSPACES}]`);
    case 'TensorShape':
      return typed(`[${(value.dims ?? []).map((dim) => `${dim ?? 'None'}, `).join('')}${BACKSPACES}]`);
    case 'dict':
      return typed(
        `{${value.entries.map(([key, item]) => `'${key}': ${quoted(item)}, `).join('')}${BACKSPACES}}`,
      );
    default:
      return typed(str(value));
  }
}

function quoted(value: PythonValue): string {
  return value.type === 'str' ? `'${value.value}'` : str(value);
}
