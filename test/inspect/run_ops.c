/* Runs a SavedModel through TensorFlow's C API by operation names and output indices, feeding zeros.
   Usage: run_ops DIR TAG {in OPERATION INDEX DATATYPE RANK SIZE…}… {out OPERATION INDEX}…
   Prints the shape of each output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tensorflow/c/c_api.h>

#define MOST 16

static TF_Status *status;

static void check(const char *what) {
  if (TF_GetCode(status) == TF_OK) return;
  fprintf(stderr, "%s: %s\n", what, TF_Message(status));
  exit(1);
}

static TF_Output output_of(TF_Graph *graph, const char *operation, const char *index) {
  TF_Output output = {TF_GraphOperationByName(graph, operation), atoi(index)};
  if (output.oper) return output;
  fprintf(stderr, "no operation %s\n", operation);
  exit(1);
}

int main(int count, char **args) {
  const char *tag = args[2];
  TF_Output inputs[MOST], outputs[MOST];
  TF_Tensor *values[MOST], *results[MOST];
  int input_count = 0, output_count = 0;
  status = TF_NewStatus();
  TF_Graph *graph = TF_NewGraph();
  TF_SessionOptions *options = TF_NewSessionOptions();
  TF_Session *session =
      TF_LoadSessionFromSavedModel(options, NULL, args[1], &tag, 1, graph, NULL, status);
  check("load");
  for (int at = 3; at < count;) {
    if (strcmp(args[at], "out") == 0) {
      outputs[output_count++] = output_of(graph, args[at + 1], args[at + 2]);
      at += 3;
      continue;
    }
    int64_t sizes[MOST], elements = 1;
    TF_DataType type = (TF_DataType)atoi(args[at + 3]);
    int rank = atoi(args[at + 4]);
    for (int axis = 0; axis < rank; axis++) elements *= sizes[axis] = atoll(args[at + 5 + axis]);
    inputs[input_count] = output_of(graph, args[at + 1], args[at + 2]);
    values[input_count] = TF_AllocateTensor(type, sizes, rank, elements * TF_DataTypeSize(type));
    memset(TF_TensorData(values[input_count]), 0, TF_TensorByteSize(values[input_count]));
    input_count++;
    at += 5 + rank;
  }
  TF_SessionRun(session, NULL, inputs, values, input_count, outputs, results, output_count, NULL, 0, NULL, status);
  check("run");
  for (int index = 0; index < output_count; index++) {
    for (int axis = 0; axis < TF_NumDims(results[index]); axis++)
      printf("%s%lld", axis ? "," : "", (long long)TF_Dim(results[index], axis));
    printf("\n");
  }
  return 0;
}
