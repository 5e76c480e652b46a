// The findings of `tk doctor` as text.
import { renderTable } from '../terminal/table.ts';
import type { CommandVerdict, DoctorReport } from './doctor.ts';

/** Two tables, what is installed and what can run, and the commands that mend what is missing. */
export function formatReport(report: DoctorReport): string {
  const checks = report.checks.map(({ name, status, version, detail }) => [
    name,
    status,
    version ?? '',
    detail,
  ]);
  const commands = report.commands.map((verdict) => [
    verdict.command,
    verdict.canRun ? 'yes' : 'no',
    how(verdict),
  ]);
  return [
    `tk ${report.version}, packages in ${report.environment.root}`,
    renderTable(['what', 'state', 'version', 'found'], checks),
    renderTable(['command', 'can run', 'how'], commands),
    advice(report),
  ].join('\n');
}

function how({ canRun, tensorflow, missing }: CommandVerdict): string {
  if (!canRun) return `missing: ${missing.join(', ')}`;
  if (tensorflow === 'tf-python') return 'TensorFlow in the Python worker';
  return tensorflow === 'tfjs-node' ? 'TensorFlow in Node' : 'needs nothing more';
}

function advice({ ok, checks }: DoctorReport): string {
  const fixes = checks.flatMap(({ status, fix }) => (status === 'missing' && fix ? [fix] : []));
  // "install Python 3.11, then: tk setup" says "tk setup" already.
  const least = [...new Set(fixes)].filter((fix) => !fixes.some((other) => other.endsWith(`: ${fix}`)));
  if (least.length > 0) return `To mend it: ${least.join('; ')}`;
  return ok ? 'Everything that the commands need is here.' : 'Something is missing, and no command mends it.';
}
