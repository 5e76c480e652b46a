// One small model of each format that `tk inspect` reads, made with the installed TensorFlow, PyTorch and numpy.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from '../../support/shared.ts';
import type { CorpusFile } from './fuzz.ts';

const python = join(repoRoot, '.venv/bin/python');
/** The corpus is made by Python, and what a case costs is read from /proc. */
export const canFuzz: boolean = existsSync(python) && existsSync('/proc/self/clear_refs');

export function runOracle(kind: string, file: string): number[] {
  const args = [join(import.meta.dirname, 'oracle.py'), kind, file];
  return JSON.parse(
    execFileSync(python, args, { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'ignore'] }),
  );
}

/** Names of the corpus' files. */
export const CORPUS: readonly string[] = [
  ...[
    'saved-model-tf1',
    'saved-model-tf2',
    'saved-model-text',
    'variables',
    'frozen',
    'onnx',
    'onnx-external',
  ],
  ...['tflite', 'tfjs', 'keras', 'hdf5', 'hdf5-latest', 'torchscript', 'torch-export', 'state-dict'],
  ...['state-dict-legacy', 'npy', 'npz', 'npz-deflated'],
];

/** Makes the corpus. @param directory where its files are put */
export function makeCorpus(directory: string): CorpusFile[] {
  execFileSync(python, [join(repoRoot, 'test/inspect/models/make_models.py'), directory], { stdio: 'pipe' });
  execFileSync(python, [join(import.meta.dirname, 'corpus.py'), directory], { stdio: 'pipe' });
  const fixture = (path: string) => readFileSync(join(repoRoot, 'fixtures', path));
  const made = (path: string) => readFileSync(join(directory, path));
  const byContent = (name: string, sound: Buffer): CorpusFile => ({ name, sound, target: 'model.bin' });
  return [
    {
      name: 'saved-model-tf1',
      sound: fixture('saved_models/tensorflow1/saved_model.pb'),
      ...{ target: 'saved_model.pb', oracle: 'binary' as const },
    },
    {
      name: 'saved-model-tf2',
      sound: fixture('saved_models/options/saved_model.pb'),
      step: 5,
      ...{ target: 'saved_model.pb', oracle: 'binary' as const },
    },
    {
      ...{ name: 'saved-model-text', sound: made('saved_model.pbtxt') },
      ...{ target: 'saved_model.pbtxt', oracle: 'text' as const },
    },
    {
      ...{ name: 'variables', sound: made('saved_model/variables/variables.index') },
      ...{ target: 'variables/variables.index', oracle: 'index' as const },
    },
    { ...byContent('frozen', made('frozen.bin')), oracle: 'graph' },
    byContent('onnx', fixture('two_towers/model.onnx')),
    byContent('onnx-external', fixture('tiny_face_external/model.onnx')),
    byContent('tflite', made('tflite.bin')),
    byContent('tfjs', made('tfjs.json')),
    byContent('keras', made('keras.bin')),
    byContent('hdf5', made('hdf5.bin')),
    byContent('hdf5-latest', made('latest.h5')),
    byContent('torchscript', made('torchscript.bin')),
    byContent('torch-export', made('exported.bin')),
    byContent('state-dict', made('checkpoint.bin')),
    byContent('state-dict-legacy', made('legacy.bin')),
    byContent('npy', made('array.npy')),
    byContent('npz', made('arrays.npz')),
    byContent('npz-deflated', made('deflated.npz')),
  ];
}
