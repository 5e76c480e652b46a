// `--junit`: the record as JUnit XML, which GitLab, Jenkins, Azure and others read: a test case an output, pair and case.
import { create } from 'xmlbuilder2';
import type { ParityRecord } from '../../formats/output/parity.ts';
import { visible, visibleLines } from '../../report/escape.ts';
import { figure } from '../figures.ts';
import { type Ending, noiseRows, pairText, rowsOf, worstText } from './text.ts';

interface TestCase {
  suite: string;
  name: string;
  /** Lines of figures. */
  output: string;
  problem: { kind: 'failure' | 'error' | 'skipped'; type: string; message: string } | null;
}

/** The whole document. A verification that did not end is one case with an error: no reader can take it for a pass. */
export function junitText(ending: Ending): string {
  const cases = 'record' in ending ? casesOf(ending.record) : [unfinished(ending.failure)];
  const suites = [...new Set(cases.map(({ suite }) => suite))];
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('testsuites', {
    name: 'tk verify',
    ...countsOf(cases),
  });
  for (const suite of suites) {
    const own = cases.filter((each) => each.suite === suite);
    const element = root.ele('testsuite', { name: visible(suite), ...countsOf(own), ...stampOf(ending) });
    for (const { name, output, problem } of own) {
      const test = element.ele('testcase', { classname: visible(suite), name: visible(name), time: '0' });
      if (problem) {
        const { kind, type, message } = problem;
        // A case that is left out has no type.
        test
          .ele(kind, { ...(kind !== 'skipped' && { type }), message: visible(message) })
          .txt(visibleLines(`${message}\n${output}`));
      } else test.ele('system-out').txt(visibleLines(output));
    }
  }
  return `${root.end({ prettyPrint: true })}\n`;
}

function casesOf(record: ParityRecord): TestCase[] {
  const outputs = rowsOf(record).map(({ comparison, output }): TestCase => {
    const { name, passed, drawn, reason, dtype, shape } = output;
    const figures = [
      `${dtype}[${shape.join(',')}]`,
      `max abs ${figure(output.maxAbs)}, max rel ${figure(output.maxRel)}, mean abs ${figure(output.meanAbs)}`,
      `cosine ${output.cosine ?? '-'}, SNR ${output.snrDb?.toFixed(1) ?? '-'} dB, beyond the tolerance: ${output.failing}`,
      worstText(output),
    ];
    return {
      suite: pairText(comparison),
      name: `${name}, ${comparison.inputs}`,
      output: figures.filter((text) => text !== null).join('\n'),
      problem: drawn
        ? { kind: 'skipped', type: 'random', message: 'it depends on random ops: no values were compared' }
        : passed
          ? null
          : { kind: 'failure', type: 'parity', message: reason ?? 'it differs' },
    };
  });
  const changed = record.changed.map(
    (text): TestCase => ({
      suite: 'files',
      name: text,
      output: '',
      problem: { kind: 'failure', type: 'changed-file', message: `${text}: not as tk convert wrote it` },
    }),
  );
  const noise = noiseRows(record)
    .filter(({ isRule }) => isRule)
    .map(
      ({ output, runner, rounding, far, within }): TestCase => ({
        suite: 'noise',
        name: `${output}, ${runner}`,
        output: `rounding alone ${figure(rounding)}, ${far}`,
        problem: within
          ? null
          : { kind: 'failure', type: 'noise', message: `more than rounding explains: ${far}` },
      }),
    );
  return [...outputs, ...noise, ...changed];
}

function unfinished({
  code,
  message,
  hint,
}: {
  code: string;
  message: string;
  hint?: string | undefined;
}): TestCase {
  return {
    suite: 'tk verify',
    name: 'finished',
    output: hint ?? '',
    problem: { kind: 'error', type: code, message },
  };
}

function countsOf(cases: readonly TestCase[]): Record<string, number> {
  const count = (kind: string) => cases.filter(({ problem }) => problem?.kind === kind).length;
  return {
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
  };
}

function stampOf(ending: Ending): Record<string, string> {
  return 'record' in ending ? { timestamp: ending.record.finishedAt.replace(/\.\d+Z$/, '') } : {};
}
