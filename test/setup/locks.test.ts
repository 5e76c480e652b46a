// The lock files agree with each other and hold for every machine, not for the one that wrote them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cutNativeLock, type Lock, NATIVE_PACKAGES } from '../../scripts/native-lock.mjs';
import { lockedPythonPackages } from '../../src/setup/python-packages.mjs';
import { repoRoot } from '../support/shared.ts';

const lock = JSON.parse(readFileSync(join(repoRoot, 'package-lock.json'), 'utf8')) as Lock;

describe('the npm lock', () => {
  it('names no registry', () => {
    const withHost = Object.entries(lock.packages).filter(([, locked]) => 'resolved' in locked);
    expect(withHost).toEqual([]);
  });

  it('has every platform’s optional packages, so that `npm ci` takes it anywhere', () => {
    const absent = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${path}/node_modules/${name}`],
      ),
    );
    expect(absent).toEqual([]);
  });
});

describe('the lock of the native packages', () => {
  const native = cutNativeLock(lock);

  it('pins the packages that are loaded at run time in the versions of the checkout', () => {
    const versions = NATIVE_PACKAGES.map((name) => [name, lock.packages[`node_modules/${name}`]?.version]);
    expect(native.manifest.dependencies).toEqual(Object.fromEntries(versions));
  });

  it('holds all that they depend on, each as in the checkout, and no tool of development', () => {
    const names = Object.keys(native.lock.packages);
    expect(names).toContain('node_modules/@tensorflow/tfjs-core');
    expect(names).toContain('node_modules/@mapbox/node-pre-gyp');
    expect(names).toContain('node_modules/@img/sharp-linux-x64');
    expect(names).not.toContain('node_modules/vitest');
    expect(names).not.toContain('node_modules/yargs');
    for (const name of names.filter((path) => path !== '')) {
      expect(native.lock.packages[name]).toMatchObject({ version: lock.packages[name]!.version });
      expect(native.lock.packages[name]).not.toHaveProperty('dev');
    }
  });
});

describe('the Python lock', () => {
  const place = { kind: 'checkout', packageRoot: repoRoot, root: repoRoot } as const;
  const text = ['requirements.lock', 'requirements-dev.lock']
    .map((name) => readFileSync(join(repoRoot, 'python', name), 'utf8'))
    .join('');

  it('pins every package exactly and names no index', () => {
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of lines) expect(line).toMatch(/^[\w.-]+==[\w.]+(; .+)?$/);
  });

  it.each([10, 11, 12])('is one whole set for Python 3.%i', (minor) => {
    const locked = lockedPythonPackages(place, minor);
    const names = locked.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(Object.fromEntries(locked.map(({ name, version }) => [name, version]))).toMatchObject({
      torch: '2.13.0',
      onnx2tf: '1.29.24',
      tensorflow: '2.19.0',
      onnxsim: minor === 12 ? '0.5.0' : '0.4.36',
      // Their newer versions need Python 3.11.
      keras: minor === 10 ? '3.12.4' : '3.15.1',
      networkx: minor === 10 ? '3.4.2' : '3.6.1',
      'facenet-pytorch': '2.6.0',
    });
  });
});
