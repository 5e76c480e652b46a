// What the tests of printed clients share: the snippet of a model, the models of models.py, TensorFlow's C library.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { locateEnvironment } from '../../../src/runtime/environment.ts';
import { tk } from '../../support/cli.ts';

const { python } = locateEnvironment();
const quiet = { TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '' };

/** What `tk inspect --snippet LANGUAGE` prints. */
export async function snippetOf(language: string, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await tk(['inspect', ...args, '--snippet', language]);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return stdout;
}

/** Runs a program to its end and returns its stdout; its stderr stands in the error where it fails. */
export function run(command: string, args: string[], options: { cwd?: string; env?: object } = {}): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    env: { ...process.env, ...quiet, ...options.env },
  });
}

export function runPython(args: string[]): string {
  return run(python, args);
}

export interface MadeModel {
  tags: string[];
  /** What TensorFlow computes from zeros; complex numbers, booleans and floats as Python writes them. */
  outputs: Record<string, { shape: number[]; values: string[] }>;
}

/** Makes the models of models.py in a directory. */
export function makeModels(directory: string): Record<string, MadeModel> {
  return JSON.parse(runPython([join(import.meta.dirname, 'models.py'), directory]));
}

/**
 * Compiles a C client strictly, for the TensorFlow that pip installed. It links with a library of the same name that only
 * declares the functions, since reading the symbols of the real one (1.1 GB) takes the linker ten seconds; the real one
 * is loaded.
 */
export function compileC(text: string, scratch: string): string {
  const tensorflow = runPython([
    '-c',
    'import importlib.util as u; print(u.find_spec("tensorflow").submodule_search_locations[0])',
  ]).trim();
  const source = join(scratch, 'client.c');
  const stand = join(scratch, 'libtensorflow_cc.so.2');
  const program = join(scratch, 'client');
  writeFileSync(source, text);
  const used = new Set(text.match(/\bTF_[A-Z]\w+(?=\()/g));
  writeFileSync(join(scratch, 'names.c'), [...used].map((name) => `void ${name}(void) {}\n`).join(''));
  run('gcc', ['-shared', '-Wl,-soname,libtensorflow_cc.so.2', join(scratch, 'names.c'), '-o', stand]);
  const strict = ['-std=c11', '-Wall', '-Wextra', '-Werror'];
  // The library's own headers are not what is checked.
  const libraries = ['-isystem', `${tensorflow}/include`, stand, `-Wl,-rpath,${tensorflow}`];
  run('gcc', [...strict, source, '-o', program, ...libraries]);
  return program;
}

/** Operation names and output indices, in order, that a client's text names by this function. */
export function operationsIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, operation, index]) => `${operation}:${index}`);
}

/** Text of a file. */
export function textOf(...path: string[]): string {
  return readFileSync(join(...path), 'utf8');
}
