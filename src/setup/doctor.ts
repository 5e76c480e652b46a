// What is installed, in which version, what is missing, and which command can run: the findings of `tk doctor`.
import { type Environment, locateEnvironment, packageRoot } from '../runtime/environment.ts';
import { VERSION } from '../version.ts';
import {
  type Check,
  canSetUp,
  checkBinding,
  checkNativePackages,
  checkNode,
  checkPython,
  checkTools,
} from './checks.ts';
import type { Place } from './place.mjs';

export interface CommandVerdict {
  command: string;
  canRun: boolean;
  /** Where TensorFlow runs for this command; null where it needs none or has none. */
  tensorflow: 'tfjs-node' | 'tf-python' | null;
  /** Names of the checks that fail and that this command needs. */
  missing: string[];
}

export interface DoctorReport {
  /** True where every command can run. */
  ok: boolean;
  version: string;
  environment: Pick<Environment, 'kind' | 'root'>;
  checks: Check[];
  commands: CommandVerdict[];
}

/** Looks at everything; changes nothing. Takes about a second, most of it loading the native libraries once. */
export async function examine(): Promise<DoctorReport> {
  const { kind, root } = locateEnvironment();
  const place: Place = { kind, root, packageRoot };
  const groups = await Promise.all([
    checkNode(),
    checkNativePackages(place),
    checkPython(place),
    checkBinding(place),
    checkTools(place),
  ]);
  const checks = groups.flat();
  const commands = judgeCommands(checks, canSetUp(checks, place));
  const ok = commands.every(({ canRun }) => canRun);
  return { ok, version: VERSION, environment: { kind, root }, checks, commands };
}

const RECOGNITION = [
  'node',
  'onnxruntime-node',
  'sharp',
  '@vladmandic/face-api',
  'python',
  'python packages',
  'tensorflow',
];

/**
 * What each command of `tk --help` needs, by check name. `tensorflow` stands for the binding or else the Python worker,
 * `interpreter` for a Python to make an environment with.
 */
const NEEDS: Record<string, string[]> = {
  convert: ['node', 'onnxruntime-node', 'python', 'python packages', 'tensorflow'],
  inspect: ['node'],
  show: ['node'],
  scan: ['node'],
  run: ['node', 'tensorflow'],
  verify: ['node', 'onnxruntime-node', 'tensorflow'],
  recognize: RECOGNITION,
  // A gallery on a server does without PGlite; the default is a folder.
  gallery: [...RECOGNITION, '@electric-sql/pglite'],
  serve: [...RECOGNITION, '@electric-sql/pglite'],
  calibrate: RECOGNITION,
  setup: ['node', 'interpreter'],
  doctor: ['node'],
  completion: ['node'],
};

function judgeCommands(checks: Check[], canSetUp: boolean): CommandVerdict[] {
  const works = (name: string) => checks.find((check) => check.name === name)?.status === 'ok';
  const inPython = works('python') && works('python packages');
  const tensorflow = works('tensorflow binding') ? 'tfjs-node' : inPython ? 'tf-python' : null;
  const isThere = (need: string) => {
    if (need === 'tensorflow') return tensorflow !== null;
    return need === 'interpreter' ? canSetUp : works(need);
  };
  return Object.entries(NEEDS).map(([command, needs]) => {
    const missing = needs.filter((need) => !isThere(need));
    return {
      command,
      canRun: missing.length === 0,
      tensorflow: needs.includes('tensorflow') ? tensorflow : null,
      missing: missing.map((need) => (need === 'interpreter' ? 'python' : need)),
    };
  });
}
