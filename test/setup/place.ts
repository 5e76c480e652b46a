// A place for set-up that costs seconds: no npm packages, and Python packages from a wheel made here, so that it needs no
// network. Everything else is what users run.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import type { Place } from '../../src/setup/place.mjs';

/** Makes a place whose Python lock has the one package `tiny`, and the environment in which pip finds it. */
export function makePlace(): { place: Place; env: Record<string, string> } {
  const packageRoot = mkdtempSync(join(tmpdir(), 'tk-setup-'));
  const wheels = join(packageRoot, 'wheels');
  for (const folder of ['dist/native', 'python', 'wheels']) {
    mkdirSync(join(packageRoot, folder), { recursive: true });
  }
  const manifest = { name: 'native', version: '0.0.0', private: true };
  const lock = { ...manifest, lockfileVersion: 3, requires: true, packages: { '': manifest } };
  writeFileSync(join(packageRoot, 'dist/native/package.json'), JSON.stringify(manifest));
  writeFileSync(join(packageRoot, 'dist/native/package-lock.json'), JSON.stringify(lock));
  for (const version of ['1.0', '2.0']) {
    writeFileSync(join(wheels, `tiny-${version}-py3-none-any.whl`), makeWheel(version));
  }
  const place: Place = { kind: 'user', packageRoot, root: join(packageRoot, 'home') };
  lockTiny(place, '1.0');
  return { place, env: { PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels, PIP_CONFIG_FILE: '/dev/null' } };
}

/** Writes the Python lock. */
export function lockTiny({ packageRoot }: Place, version: string): void {
  writeFileSync(join(packageRoot, 'python/requirements.lock'), `# one\ntiny==${version}\n`);
}

/** The smallest wheel that pip takes (PEP 427). */
function makeWheel(version: string): Uint8Array {
  const info = `tiny-${version}.dist-info`;
  return zipSync({
    'tiny.py': strToU8(`version = "${version}"\n`),
    [`${info}/METADATA`]: strToU8(`Metadata-Version: 2.1\nName: tiny\nVersion: ${version}\n`),
    [`${info}/WHEEL`]: strToU8(
      'Wheel-Version: 1.0\nGenerator: tk\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    ),
    [`${info}/RECORD`]: strToU8(`tiny.py,,\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`),
  });
}
