// Run time of converted SavedModels beside onnxruntime on the same ONNX file, in one Python process: two threads each,
// batch 1 and 8, rounds of eight runs each in turn, of which the first two are not counted. Between two runtimes a
// pause: onnxruntime's threads and TensorFlow's wait for more work by spinning, and would take each other's cores.
// Last, the processor time of one thread each at batch 1, which other load on the machine touches less.
// A SavedModel of onnx2tf's can be named as a third.
// Usage: node bench/runtime.mjs MODEL.onnx SAVED_MODEL [SAVED_MODEL…]
import { spawnSync } from 'node:child_process';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [onnx, ...models] = process.argv.slice(2);
if (!onnx || models.length === 0)
  throw new Error('usage: node bench/runtime.mjs MODEL.onnx SAVED_MODEL [SAVED_MODEL…]');

const script = `
import os, statistics, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, onnxruntime, tensorflow as tf
threads, onnx, *models = sys.argv[1:]
threads = int(threads)
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(threads)
clock = time.perf_counter if threads > 1 else time.process_time
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
loaded = [tf.saved_model.load(m) for m in models]
print(f"tensorflow {tf.__version__}, onnxruntime {onnxruntime.__version__}, {threads} threads" if threads > 1 else "processor time, 1 thread")
for batch in (1, 8) if threads > 1 else (1,):
    rng = np.random.default_rng(0)
    feeds = {i.name: rng.standard_normal([batch if at == 0 else (d if isinstance(d, int) else 64) for at, d in enumerate(i.shape)]).astype(np.float32) for i in session.get_inputs()}
    tensors = {k: tf.constant(v) for k, v in feeds.items()}
    runs = [("onnxruntime", lambda: session.run(None, feeds))]
    for path, model in zip(models, loaded):
        runs.append((path, lambda f=model.signatures["serving_default"]: f(**tensors)))
    times = {name: [] for name, _ in runs}
    for turn in range(8 if batch == 1 else 4):
        for name, run in runs:
            time.sleep(0.3)
            for at in range(8):
                start = clock()
                run()
                if at >= 2:
                    times[name].append((clock() - start) * 1e3)
    base = statistics.median(times["onnxruntime"])
    for name, series in times.items():
        middle = statistics.median(series)
        print(f"batch {batch}  {middle:8.1f} ms  {min(series):8.1f} best  {middle / base:5.2f} x onnxruntime ({min(series) / min(times['onnxruntime']):5.2f} best)  {name}")
`;

console.log(`${os.cpus()[0]?.model}, ${os.cpus().length} cores, ${os.platform()}, node ${process.version}`);
for (const threads of ['2', '1']) {
  const child = spawnSync(join(root, '.venv/bin/python'), ['-c', script, threads, onnx, ...models], {
    stdio: ['ignore', 'inherit', 'ignore'],
  });
  process.exitCode ||= child.status ?? 1;
}
