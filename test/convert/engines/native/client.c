// What tfgo does: loads a SavedModel through TensorFlow's C API and runs it by operation names.
// Usage: client SAVED_MODEL INPUT_OPERATION INPUT_INDEX OUTPUT_OPERATION OUTPUT_INDEX COUNT SIZE...
// Feeds COUNT float32 of the given sizes, read from stdin as text, and prints the output's elements.
#include <stdio.h>
#include <stdlib.h>
#include "tensorflow/c/c_api.h"

static void check(TF_Status *status, const char *what) {
  if (TF_GetCode(status) == TF_OK) return;
  fprintf(stderr, "%s: %s\n", what, TF_Message(status));
  exit(1);
}

int main(int argc, char **argv) {
  TF_Status *status = TF_NewStatus();
  TF_Graph *graph = TF_NewGraph();
  TF_SessionOptions *options = TF_NewSessionOptions();
  const char *tags[] = {"serve"};
  TF_Session *session =
      TF_LoadSessionFromSavedModel(options, NULL, argv[1], tags, 1, graph, NULL, status);
  check(status, "load");
  TF_Output input = {TF_GraphOperationByName(graph, argv[2]), atoi(argv[3])};
  TF_Output output = {TF_GraphOperationByName(graph, argv[4]), atoi(argv[5])};
  if (!input.oper || !output.oper) return fprintf(stderr, "no such operation\n"), 1;
  int64_t sizes[8];
  int rank = argc - 7;
  for (int axis = 0; axis < rank; axis++) sizes[axis] = atoll(argv[7 + axis]);
  size_t count = strtoul(argv[6], NULL, 10);
  TF_Tensor *fed = TF_AllocateTensor(TF_FLOAT, sizes, rank, count * sizeof(float));
  for (size_t at = 0; at < count; at++)
    if (scanf("%f", (float *)TF_TensorData(fed) + at) != 1) return fprintf(stderr, "too few numbers\n"), 1;
  TF_Tensor *result = NULL;
  TF_SessionRun(session, NULL, &input, &fed, 1, &output, &result, 1, NULL, 0, NULL, status);
  check(status, "run");
  for (int64_t at = 0; at < TF_TensorElementCount(result); at++)
    printf("%.9g\n", ((float *)TF_TensorData(result))[at]);
  return 0;
}
