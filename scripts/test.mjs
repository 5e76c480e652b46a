// `npm test`: does the set-up that is needed, runs vitest and pytest, and ends with one plain line that sums both.
// `--full` runs the long suites instead (`npm run test:full`).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setUpCheckout } from './setup.mjs';
import { node, python } from './tools.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const NO_TESTS_COLLECTED = 5;

/**
 * A suite that ended badly without a failed test (a file that does not load, a crash) counts as one failure.
 *
 * @param {Counts} counts
 * @param {number} exitCode
 * @returns {Counts}
 */
function withExitCode(counts, exitCode) {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * @param {string} reportFile
 * @param {boolean} full
 * @returns {Counts}
 */
function runVitest(reportFile, full) {
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const exitCode = full
    ? node('vitest/vitest.mjs', [...args, '--passWithNoTests'], { TK_TEST_FULL: '1' })
    : node('vitest/vitest.mjs', args);
  const report = JSON.parse(read(reportFile) || '{}');
  const {
    numPassedTests: passed = 0,
    numFailedTests: failed = 0,
    numPendingTests = 0,
    numTodoTests = 0,
  } = report;
  return withExitCode({ passed, failed, skipped: numPendingTests + numTodoTests }, exitCode);
}

/**
 * @param {string} reportFile
 * @param {boolean} full
 * @returns {Counts}
 */
function runPytest(reportFile, full) {
  const exitCode = python('pytest', ['-q', '-m', full ? 'full' : 'not full', `--junitxml=${reportFile}`]);
  const [, attributes = ''] = /<testsuite ([^>]*)>/.exec(read(reportFile)) ?? [];
  /** @param {string} name */
  const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(attributes)?.[1] ?? 0);
  const failed = count('failures') + count('errors');
  const passed = count('tests') - failed - count('skipped');
  // There may be no long tests; there are always short ones.
  const good = full && exitCode === NO_TESTS_COLLECTED;
  return withExitCode({ passed, failed, skipped: count('skipped') }, good ? 0 : exitCode);
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

await setUpCheckout();
const full = process.argv.includes('--full');
const reports = mkdtempSync(join(tmpdir(), 'tk-test-'));
const suites = [runVitest(join(reports, 'vitest.json'), full), runPytest(join(reports, 'pytest.xml'), full)];
rmSync(reports, { recursive: true, force: true });

/** @param {keyof Counts} key */
const sum = (key) => suites.reduce((total, counts) => total + counts[key], 0);
process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
process.exitCode = sum('failed') > 0 ? 1 : 0;
