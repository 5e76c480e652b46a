// Versions of the installed runtimes, from their packages' own files: nothing is loaded.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { locateEnvironment, packageFile } from './environment.ts';

/** Version of onnxruntime-node; null where it is not installed. */
export function onnxruntimeVersion(): string | null {
  const file = packageFile('onnxruntime-node', 'package.json');
  return file ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : null;
}

/** Version of the Python environment's TensorFlow, which the binding runs too; null where it is not installed. */
export function tensorflowVersion(): string | null {
  return pythonVersion(/^tensorflow(?:_cpu)?-([\w.]+)\.dist-info$/);
}

/** Version of the Python environment's onnx, whose reference evaluator can stand in; null where it is not installed. */
export function onnxVersion(): string | null {
  return pythonVersion(/^onnx-([\w.]+)\.dist-info$/);
}

function pythonVersion(pattern: RegExp): string | null {
  const root = dirname(dirname(locateEnvironment().python));
  for (const folder of sitePackages(root)) {
    for (const name of readdirSync(folder)) {
      const version = pattern.exec(name)?.[1];
      if (version) return version;
    }
  }
  return null;
}

function sitePackages(root: string): string[] {
  const lib = join(root, 'lib');
  const versions = existsSync(lib) ? readdirSync(lib) : [];
  const places = [
    ...versions.map((name) => join(lib, name, 'site-packages')),
    join(root, 'Lib', 'site-packages'),
  ];
  return places.filter((place) => existsSync(place));
}
