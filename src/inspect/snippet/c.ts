// A client in C over TensorFlow's C API: the library that Go, Rust and others stand on.
// https://www.tensorflow.org/install/lang_c, tensorflow/c/c_api.h
import {
  comment,
  compositeRemarks,
  describeTensor,
  exampleShape,
  type NamedTensor,
  namedTensors,
  onOneLine,
  remarks,
  type SnippetRequest,
} from './request.ts';

/** How an element is printed: the C type behind it, and the call with `values[at]` in it. */
const PRINTED: Record<string, [type: string, statement: string]> = {
  DT_FLOAT: ['float', 'printf(" %.9g", (double)values[at]);'],
  DT_DOUBLE: ['double', 'printf(" %.17g", values[at]);'],
  DT_INT8: ['int8_t', 'printf(" %d", values[at]);'],
  DT_INT16: ['int16_t', 'printf(" %d", values[at]);'],
  DT_INT32: ['int32_t', 'printf(" %d", values[at]);'],
  DT_INT64: ['int64_t', 'printf(" %lld", (long long)values[at]);'],
  DT_UINT8: ['uint8_t', 'printf(" %u", values[at]);'],
  DT_UINT16: ['uint16_t', 'printf(" %u", values[at]);'],
  DT_UINT32: ['uint32_t', 'printf(" %u", values[at]);'],
  DT_UINT64: ['uint64_t', 'printf(" %llu", (unsigned long long)values[at]);'],
  DT_BOOL: ['uint8_t', 'printf(" %s", values[at] ? "true" : "false");'],
  DT_HALF: ['uint16_t', 'printf(" 0x%04x", values[at]);'],
  DT_BFLOAT16: ['uint16_t', 'printf(" 0x%04x", values[at]);'],
  DT_COMPLEX64: ['float', 'printf(" (%.9g, %.9g)", (double)values[2 * at], (double)values[2 * at + 1]);'],
  DT_COMPLEX128: ['double', 'printf(" (%.17g, %.17g)", values[2 * at], values[2 * at + 1]);'],
  DT_STRING: [
    'TF_TString',
    'printf(" \\"%.*s\\"", (int)TF_StringGetSize(&values[at]), TF_StringGetDataPointer(&values[at]));',
  ],
};

/** Types of which a client has no values to give. */
const OPAQUE = new Set(['DT_RESOURCE', 'DT_VARIANT', 'DT_INVALID']);

/** A program that compiles without warnings, checks every status and frees what it holds. */
export function cSnippet(request: SnippetRequest): string {
  const { metaGraph, signature, directory } = request;
  const inputs = namedTensors(signature.inputs);
  const outputs = namedTensors(signature.outputs);
  const lines = [
    'Build it with: cc client.c -o client -ltensorflow   (https://www.tensorflow.org/install/lang_c)',
    ...remarks(request),
    ...compositeRemarks(request),
  ];
  return `${comment('//', lines)}#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tensorflow/c/c_api.h>
${CHECK}${OPERATION}${inputs.some(isFed) ? zerosFunction(inputs) : ''}${outputs.length > 0 ? printFunction(outputs) : ''}
int main(void) {
  const char *directory = ${cText(directory)};
${tagsOf(metaGraph.tags)}  TF_Status *status = TF_NewStatus();
  TF_Graph *graph = TF_NewGraph();
  TF_SessionOptions *options = TF_NewSessionOptions();
  TF_Session *session = TF_LoadSessionFromSavedModel(options, NULL, directory, ${tagArguments(metaGraph.tags)}, graph, NULL, status);
  check(status, "load");

${inputs.map(feedText).join('')}${inputs.length > 0 ? feedArrays(inputs) : ''}${outputs.length > 0 ? fetchArrays(outputs) : ''}
  TF_SessionRun(session, NULL, ${arrays('feeds', 'values', inputs)}, ${arrays('fetches', 'results', outputs)}, NULL, 0, NULL, status);
  check(status, "run");
${outputs.map(({ key }, position) => `  print_tensor(${cText(key)}, results[${position}]);\n`).join('')}
${inputs.map(freeText).join('')}${outputs.map((_, position) => `  TF_DeleteTensor(results[${position}]);\n`).join('')}  TF_CloseSession(session, status);
  check(status, "close");
  TF_DeleteSession(session, status);
  check(status, "delete");
  TF_DeleteSessionOptions(options);
  TF_DeleteGraph(graph);
  TF_DeleteStatus(status);
  return 0;
}
`;
}

const CHECK = `
static void check(const TF_Status *status, const char *what) {
  if (TF_GetCode(status) == TF_OK) return;
  fprintf(stderr, "%s: %s\\n", what, TF_Message(status));
  exit(1);
}
`;

const OPERATION = `
static TF_Output output_of(TF_Graph *graph, const char *operation, int index) {
  TF_Output output = {TF_GraphOperationByName(graph, operation), index};
  if (output.oper && index < TF_OperationNumOutputs(output.oper)) return output;
  fprintf(stderr, "the graph has no %s:%d\\n", operation, index);
  exit(1);
}
`;

function isFed({ dtype }: NamedTensor): boolean {
  return !OPAQUE.has(dtype);
}

function isText({ dtype }: NamedTensor): boolean {
  return dtype === 'DT_STRING';
}

/** Allocates zeros; texts are initialised, which makes them empty. */
function zerosFunction(inputs: NamedTensor[]): string {
  const anyText = inputs.some(isText);
  const size = anyText
    ? 'type == TF_STRING ? sizeof(TF_TString) : TF_DataTypeSize(type)'
    : 'TF_DataTypeSize(type)';
  const texts = `
  for (int64_t at = 0; type == TF_STRING && at < count; at++) TF_StringInit((TF_TString *)TF_TensorData(tensor) + at);`;
  const freeing = `
static void free_texts(TF_Tensor *tensor) {
  TF_TString *texts = TF_TensorData(tensor);
  for (int64_t at = 0; at < TF_TensorElementCount(tensor); at++) TF_StringDealloc(&texts[at]);
}
`;
  return `
static TF_Tensor *zeros(TF_DataType type, const int64_t *sizes, int rank) {
  int64_t count = 1;
  for (int axis = 0; axis < rank; axis++) count *= sizes[axis];
  size_t element = ${size};
  TF_Tensor *tensor = TF_AllocateTensor(type, sizes, rank, (size_t)count * element);
  if (!tensor) {
    fprintf(stderr, "out of memory\\n");
    exit(1);
  }
  if (count > 0) memset(TF_TensorData(tensor), 0, TF_TensorByteSize(tensor));${anyText ? texts : ''}
  return tensor;
}
${anyText ? freeing : ''}`;
}

function printFunction(outputs: NamedTensor[]): string {
  const types = [...new Set(outputs.map(({ dtype }) => dtype))].filter((dtype) => PRINTED[dtype]);
  const cases = types.map((dtype) => {
    const [type, statement] = PRINTED[dtype] as [string, string];
    return `    case ${cType(dtype)}: {
      const ${type} *values = TF_TensorData(tensor);
      for (int64_t at = 0; at < shown; at++) ${statement}
      break;
    }
`;
  });
  const body =
    cases.length > 0
      ? `  int64_t count = TF_TensorElementCount(tensor), shown = count < MOST_PRINTED ? count : MOST_PRINTED;
  switch (TF_TensorType(tensor)) {
${cases.join('')}    default:
      break;
  }
  if (shown < count) printf(" ...");
`
      : '';
  return `
${cases.length > 0 ? 'enum { MOST_PRINTED = 8 };\n\n' : ''}static void print_tensor(const char *name, const TF_Tensor *tensor) {
  printf("%s (", name);
  for (int axis = 0; axis < TF_NumDims(tensor); axis++) {
    printf("%s%lld", axis > 0 ? ", " : "", (long long)TF_Dim(tensor, axis));
  }
  printf("):");
${body}  printf("\\n");
}
`;
}

function tagsOf(tags: string[]): string {
  return tags.length > 0 ? `  const char *tags[] = {${tags.map(cText).join(', ')}};\n` : '';
}

function tagArguments(tags: string[]): string {
  return tags.length > 0 ? `tags, ${tags.length}` : 'NULL, 0';
}

function arrays(places: string, tensors: string, of: NamedTensor[]): string {
  return of.length > 0 ? `${places}, ${tensors}, ${of.length}` : 'NULL, NULL, 0';
}

function feedText(tensor: NamedTensor, position: number): string {
  const about = `  // ${describeTensor(tensor)}\n`;
  if (!isFed(tensor)) {
    return `${about}  fprintf(stderr, "%s is ${tensor.dtype}, of which a client can make no value\\n", ${cText(tensor.key)});
  TF_Tensor *input${position} = NULL; // put another run's result here and take the line above away\n`;
  }
  const shape = exampleShape(tensor);
  const sizes = shape.length > 0 ? `(const int64_t[]){${shape.join(', ')}}, ${shape.length}` : 'NULL, 0';
  const put = isText(tensor)
    ? `  // TF_StringCopy((TF_TString *)TF_TensorData(input${position}) + index, text, length) puts a text there\n`
    : '';
  return `${about}  TF_Tensor *input${position} = zeros(${cType(tensor.dtype)}, ${sizes});\n${put}`;
}

function feedArrays(inputs: NamedTensor[]): string {
  const places = inputs.map((tensor) => `      ${place(tensor)},\n`).join('');
  const values = inputs.map((_, position) => `input${position}`).join(', ');
  return `\n  TF_Output feeds[] = {\n${places}  };\n  TF_Tensor *values[] = {${values}};\n`;
}

function fetchArrays(outputs: NamedTensor[]): string {
  const places = outputs.map((tensor) => `      ${place(tensor)}, // ${describeTensor(tensor)}\n`).join('');
  return `  TF_Output fetches[] = {\n${places}  };\n  TF_Tensor *results[${outputs.length}] = {NULL};\n`;
}

function place({ operation, index }: NamedTensor): string {
  return `output_of(graph, ${cText(operation)}, ${index})`;
}

function freeText(tensor: NamedTensor, position: number): string {
  if (!isFed(tensor)) return '';
  return `${isText(tensor) ? `  free_texts(input${position});\n` : ''}  TF_DeleteTensor(input${position});\n`;
}

/** `TF_FLOAT` for DT_FLOAT; a number where TensorFlow has no such name. */
function cType(dtype: string): string {
  return dtype.startsWith('DT_') ? dtype.replace(/^DT_/, 'TF_') : `(TF_DataType)${dtype}`;
}

/** A C string literal of the text's UTF-8: what is not printed goes as octal bytes, and no trigraph arises. */
function cText(text: string): string {
  let result = '';
  for (const character of text) {
    if (character === '"' || character === '\\') result += `\\${character}`;
    else if (character === '?') result += result.endsWith('?') ? '\\?' : '?';
    else if (character === ' ' || onOneLine(character) === character) result += character;
    else
      result += [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  }
  return `"${result}"`;
}
