// The process under test: reads one path a line, inspects it as the command does, answers with one line. What it costs is
// observed from outside (child.ts).
import { createInterface } from 'node:readline';
import { TkError } from '../../../src/errors.ts';
import { inspectAny } from '../../../src/inspect/any.ts';
import { modelText } from '../../../src/inspect/models/text.ts';
import { showAll } from '../../../src/inspect/text.ts';
import { readVariables } from '../../../src/inspect/variables.ts';
import { variablesText } from '../../../src/inspect/variables-text.ts';
import type { Answer } from './child.ts';

async function print(path: string): Promise<void> {
  if (path.endsWith('variables.index')) {
    const report = readVariables(path.replace(/variables\/variables\.index$/, 'saved_model.pb'), true);
    JSON.stringify(report);
    variablesText(report);
    return;
  }
  const report = await inspectAny(path);
  JSON.stringify(report);
  if (report.format === 'saved-model') showAll(report);
  else modelText(report, true);
}

async function answer(path: string): Promise<Answer> {
  try {
    await print(path);
    return { kind: 'report' };
  } catch (error) {
    if (!(error instanceof TkError)) return { kind: 'fault', what: String((error as Error)?.stack ?? error) };
    const { code, exitCode, message, place } = error;
    return { kind: 'error', code, exitCode, message, ...(place && { place }) };
  }
}

for await (const path of createInterface({ input: process.stdin })) {
  // The reader of lines ends one at Unicode's separators too.
  const line = JSON.stringify(await answer(path)).replace(/[\u0080-\uffff]/g, '?');
  process.stdout.write(`${line}\n`);
}
