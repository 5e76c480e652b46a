// Runners in any pair or all at once: each with the types that it carries, by name where it cannot, never cast.
import { beforeAll, describe, expect, it } from 'vitest';
import { type ParityRecord, paritySchema } from '../../src/formats/output/parity.ts';
import { tk } from '../support/cli.ts';
import { verificationModels } from './support.ts';

let models: string;
beforeAll(() => {
  models = verificationModels();
});

/** Runs `tk verify` among the models; the record, or the error. */
async function verify(...args: string[]): Promise<{ exitCode: number; record: ParityRecord }> {
  const { exitCode, stdout, stderr } = await tk(['verify', ...args, '--json'], { cwd: models });
  expect(stderr).toBe('');
  return { exitCode, record: paritySchema.parse(JSON.parse(stdout)) };
}

const pairs = ({ comparisons }: ParityRecord) => [
  ...new Set(comparisons.map(({ actual, expected }) => `${actual} ~ ${expected}`)),
];

describe('models of any kind', () => {
  it('are told apart by their content and run all at once, every pair compared', async () => {
    const { exitCode, record } = await verify(
      ...['net.onnx', 'good', 'good.tflite'],
      ...['--runners', 'onnx,onnx-plain,onnx-python,tf-python,tflite'],
    );
    expect(exitCode).toBe(0);
    expect(record.runners.map(({ name, runner, model }) => [name, runner, model])).toEqual([
      ['onnxruntime-node', 'onnx', 'net.onnx'],
      ['onnxruntime-node, unoptimised', 'onnx-plain', 'net.onnx'],
      ['onnxruntime-python', 'onnx-python', 'net.onnx'],
      ['tf-python', 'tf-python', 'good'],
      ['litert-python', 'tflite', 'good.tflite'],
    ]);
    expect(pairs(record)).toHaveLength(10);
    expect(record.comparisons).toHaveLength(30);
    expect(Object.keys(record.files)).toContain('good.tflite');
  });

  it('may be two of one kind, told apart by their file', async () => {
    const { exitCode, record } = await verify('--saved-model', 'good', '--saved-model', 'channels-swapped');
    expect(exitCode).toBe(1);
    expect(pairs(record)).toEqual(['tfjs-node channels-swapped ~ tfjs-node good']);
  });

  it('a TFLite file that computes something else fails', async () => {
    const { exitCode, record } = await verify('net.onnx', 'channels-swapped.tflite');
    expect(exitCode).toBe(1);
    // Two of twelve columns in each of 1, 2 and 5 rows.
    expect(record.comparisons.map(({ outputs }) => outputs[0]?.failing)).toEqual([2, 4, 10]);
  });

  it('one whose names are others is compared where --rename says which is which', async () => {
    expect((await verify('good', 'unsigned.tflite')).record.comparisons[0]?.inputs).toBe('declared');
    const { record } = await verify('good', 'unsigned.tflite', '--rename', 'Identity=feat');
    expect(record.verdict).toBe('passed');
  });
});

describe('element types', () => {
  it('int32, int64, bool and string run in TensorFlow, onnxruntime of Python and LiteRT alike', async () => {
    const { exitCode, record } = await verify(
      ...['carried.onnx', 'carried', 'carried.tflite', '--runners', 'onnx,onnx-python,tf-python,tflite'],
    );
    expect(exitCode).toBe(0);
    const dtypes = record.comparisons[0]?.outputs.map(({ dtype }) => dtype);
    expect(dtypes).toEqual(['int32', 'int64', 'bool', 'string']);
  });

  it('bfloat16 runs in Python, and each runner says why', async () => {
    const { record } = await verify('brain.onnx', 'brain');
    expect(record.verdict).toBe('passed');
    expect(record.runners.map(({ name, reason }) => [name, reason])).toEqual([
      ['onnxruntime-python', 'onnxruntime-node cannot carry the bfloat16 inputs or outputs of brain.onnx'],
      ['tf-python', 'tfjs-node cannot carry the bfloat16 input x'],
    ]);
    expect(record.comparisons[0]?.outputs.map(({ dtype }) => dtype)).toEqual(['bfloat16', 'float32']);
  });

  it('a named runner that cannot carry one is left out by name where two others remain', async () => {
    const runners = ['--runners', 'onnx-plain,onnx-python,tf-python'];
    const { record } = await verify('brain.onnx', 'brain', ...runners);
    expect(record.leftOut).toEqual([
      'onnxruntime-node cannot carry the bfloat16 inputs or outputs of brain.onnx',
    ]);
    expect(pairs(record)).toEqual(['tf-python ~ onnxruntime-python']);
  });
});

describe('bad usage is one line and exit 2', () => {
  it.each([
    [['net.onnx', 'good', '--runners', 'onnx,trt'], 'there is no runner trt'],
    [['net.onnx', 'good', '--runners', 'onnx,tflite'], '--runners tflite needs a model of the kind tflite'],
    [
      ['net.onnx', 'good', '--runners', 'torch,tf'],
      '--runners torch needs an output directory of tk convert',
    ],
    [['net.onnx'], 'there is one model and one runner (onnx): nothing to compare with'],
    [['net.onnx', 'reference.npz'], 'reference.npz is npz, which no runner here runs'],
    [['net.onnx', 'good', '--rename', 'x'], '--rename x is not NAME=OTHER'],
    [['net.onnx', 'good', '--timeout', '0'], '--timeout is not a number above 0'],
  ])('%j', async (args, message) => {
    const { exitCode, stderr } = await tk(['verify', ...args], { cwd: models });
    expect(exitCode).toBe(2);
    expect(stderr.split('\n')[0]).toContain(`tk: ${message}`);
  });
});
