// Run time of converted SavedModels beside onnxruntime on the same ONNX file, each runtime loaded in one Python process:
// median of 50 runs after warm-up, batch 1 and 8, two threads each, then the processor time of one thread each, which other
// load on the machine touches less. Rounds of runs in turn, and a pause between two runtimes: their threads wait for more
// work by spinning, and would take each other's cores. Then a profile of the first SavedModel by op.
// A SavedModel is named by its folder; `name=folder` gives it another name in the report, such as onnx2tf=….
// Usage: node bench/runtime.mjs MODEL.onnx [NAME=]SAVED_MODEL…      (TK_BENCH_THREADS=1 or =2: only that part)
// On a machine with other work: chrt -f 20 node bench/runtime.mjs …, which comes before it; the results then say so.
// Results go to bench/results/runtime.json; `node scripts/bench-docs.mjs` puts them into docs/engine.md.
import { spawnSync } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { machine, median, python, save } from './report.mjs';

const [onnx, ...given] = process.argv.slice(2);
if (!onnx || given.length === 0)
  throw new Error('usage: node bench/runtime.mjs MODEL.onnx [NAME=]SAVED_MODEL…');
const models = given.map((each) => (/^\w+=/.test(each) ? each : `native=${each}`));

const COMMON = `
import json, os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, tensorflow as tf
def feeds_of(inputs, batch):
    rng = np.random.default_rng(0)
    size = lambda at, d: batch if at == 0 else d if isinstance(d, int) and d > 0 else 64
    return {n: rng.standard_normal([size(at, d) for at, d in enumerate(s)]).astype(np.float32) for n, s in inputs}
`;

const SERIES = `${COMMON}
import onnxruntime
threads, onnx, *models = sys.argv[1:]
threads = int(threads)
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(threads)
clock = time.perf_counter if threads > 1 else time.process_time
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
loaded = {m.split("=", 1)[0]: tf.saved_model.load(m.split("=", 1)[1]) for m in models}
result = {}
for batch in (1, 8):
    feeds = feeds_of([(i.name, i.shape) for i in session.get_inputs()], batch)
    tensors = {k: tf.constant(v) for k, v in feeds.items()}
    runs = {"onnxruntime": lambda: session.run(None, feeds)}
    for name, model in loaded.items():
        runs[name] = lambda f=model.signatures["serving_default"]: f(**tensors)
    times = {name: [] for name in runs}
    for turn in range(10):
        for name, run in runs.items():
            time.sleep(0.3)
            for at in range(7):
                start = clock()
                run()
                if at >= 2:
                    times[name].append(round((clock() - start) * 1e3, 3))
    result[batch] = times
print(json.dumps(result))`;

// The shortest of 30 runs of each node, so that what else the machine does is left out.
const PROFILE = `${COMMON}
from collections import Counter
v1 = tf.compat.v1
config = v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
with v1.Session(graph=tf.Graph(), config=config) as session:
    signature = v1.saved_model.loader.load(session, ["serve"], sys.argv[1]).signature_def["serving_default"]
    feeds = feeds_of([(i.name, [d.size for d in i.tensor_shape.dim]) for i in signature.inputs.values()], 1)
    run = session.make_callable([o.name for o in signature.outputs.values()], feed_list=list(feeds), accept_options=True)
    kinds, best = {}, {}
    for at in range(33):
        metadata = v1.RunMetadata()
        level = v1.RunOptions.FULL_TRACE if at > 1 else v1.RunOptions.NO_TRACE
        run(*feeds.values(), options=v1.RunOptions(trace_level=level, output_partition_graphs=at == 2), run_metadata=metadata)
        for graph in metadata.partition_graphs:
            for node in graph.node:
                kinds[node.name] = "+".join([node.op, *(o.decode() for o in node.attr["fused_ops"].list.s)])
        for device in metadata.step_stats.dev_stats:
            for node in device.node_stats:
                took = node.op_end_rel_micros - node.op_start_rel_micros
                best[node.node_name] = min(best.get(node.node_name, took), took)
total, count = Counter(), Counter()
for name, took in best.items():
    kind = kinds.get(name, "other")
    total[kind] += took
    count[kind] += 1
print(json.dumps([{"op": op, "nodes": count[op], "ms": took / 1e3} for op, took in total.most_common(8)]))`;

/** @param {string} script @param {string[]} args */
function run(script, args) {
  const child = spawnSync(python, ['-c', script, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.status !== 0) throw new Error(child.stderr.trim().split('\n').at(-1));
  return JSON.parse(child.stdout.trim().split('\n').at(-1) ?? '');
}

const about = machine();
console.log(JSON.stringify(about));
/** @type {Record<string, unknown>} */
const measured = {};
for (const threads of process.env.TK_BENCH_THREADS?.split(',') ?? ['2', '1']) {
  const what = threads === '1' ? 'processor time, one thread' : 'by the clock, two threads';
  /** @type {Record<string, Record<string, number[]>>} */
  const result = run(SERIES, [threads, onnx, ...models]);
  measured[threads === '1' ? 'processor' : 'clock'] = result;
  for (const [batch, times] of Object.entries(result)) {
    const base = times.onnxruntime ?? [];
    for (const [name, list] of Object.entries(times)) {
      const ratio = `${(median(list) / median(base)).toFixed(2)} × onnxruntime (best ${(Math.min(...list) / Math.min(...base)).toFixed(2)})`;
      console.log(
        `${what}, batch ${batch}: ${name.padEnd(11)} ${median(list).toFixed(1)} ms, best ${Math.min(...list).toFixed(1)}; ${ratio}`,
      );
    }
  }
}
/** @type {{ op: string, nodes: number, ms: number }[]} */
const profile = run(PROFILE, [models[0]?.replace(/^\w+=/, '') ?? '']);
console.log(`profile of one thread, batch 1, the shortest of each node:`);
for (const { op, nodes, ms } of profile) console.log(`  ${ms.toFixed(2).padStart(8)} ms  ${nodes} × ${op}`);
save('runtime', { [basename(dirname(onnx))]: { machine: about, ...measured, profile } });
