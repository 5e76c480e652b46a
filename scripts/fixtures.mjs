// `npm run fixtures`: rebuilds every fixture with its own script and compares hashes with fixtures/SHA256SUMS.
// `--write` records the new hashes instead.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { venvPython } from '../src/runtime/venv.mjs';
import { setUpCheckout } from './setup.mjs';
import { root } from './tools.mjs';

const fixtures = join(root, 'fixtures');
const sums = join(fixtures, 'SHA256SUMS');

/** Runs fixtures/NAME/make.py and make.mjs, in the order of the folders' names. */
function makeAll() {
  for (const name of readdirSync(fixtures).sort()) {
    for (const [script, command] of [
      ['make.py', venvPython(root)],
      ['make.mjs', process.execPath],
    ]) {
      const file = join(fixtures, name, String(script));
      if (!existsSync(file)) continue;
      process.stderr.write(`  ${relative(root, file)}\n`);
      const env = { ...process.env, PYTHONPATH: join(root, 'python'), PYTHONDONTWRITEBYTECODE: '1' };
      execFileSync(String(command), [file], {
        cwd: join(fixtures, name),
        stdio: ['ignore', 'inherit', 'inherit'],
        env,
      });
    }
  }
}

/** The lines of SHA256SUMS as sha256sum(1) writes them: every made file, sorted by path. */
function hashAll() {
  return readdirSync(fixtures, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^(README|SHA256SUMS|\.)|\.(py|pyc|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => {
      const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
      return `${hash}  ${relative(fixtures, file).split(sep).join('/')}`;
    });
}

await setUpCheckout();
makeAll();
const made = hashAll();
if (process.argv.includes('--write')) {
  writeFileSync(sums, `${made.join('\n')}\n`);
  process.stdout.write(`${made.length} hashes written to fixtures/SHA256SUMS\n`);
} else {
  const recorded = existsSync(sums) ? readFileSync(sums, 'utf8').trimEnd().split('\n') : [];
  const unlike = [
    ...made.filter((line) => !recorded.includes(line)).map((line) => `made:     ${line}`),
    ...recorded.filter((line) => !made.includes(line)).map((line) => `recorded: ${line}`),
  ];
  if (unlike.length > 0) process.stdout.write(`${unlike.join('\n')}\n`);
  process.stdout.write(
    `${made.length} files, ${unlike.length === 0 ? 'all as recorded' : 'not as recorded'}\n`,
  );
  process.exitCode = unlike.length === 0 ? 0 : 1;
}
