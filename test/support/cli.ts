// Runs the built bin as a user does.

import { join } from 'node:path';
import { execa } from 'execa';
import { repoRoot } from './shared.ts';

export interface CliResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs `tk ARGS…` and never throws: what it printed, untrimmed, and its exit code. */
export async function tk(
  args: string[],
  options: { cwd?: string; env?: Record<string, string>; input?: string } = {},
): Promise<CliResult> {
  const result = await execa(process.execPath, [join(repoRoot, 'bin/tk'), ...args], {
    reject: false,
    stripFinalNewline: false,
    ...options,
  });
  return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
}
