// The single checks of `tk doctor`. Native libraries are loaded in a process of their own: a broken one may crash it.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { packageFile } from '../runtime/environment.ts';
import { venvPython } from '../runtime/venv.mjs';
import { findInterpreter } from './interpreter.mjs';
import { missingNpmPackages } from './npm-packages.mjs';
import { type Place, readJson } from './place.mjs';
import { lockedPythonPackages } from './python-packages.mjs';
import { OLDEST_NODE } from './setup.mjs';
import { bindingFile, findCompiler, findNodeHeaders, readBindingMark } from './tensorflow-binding.mjs';

export interface Check {
  name: string;
  /** `absent`: not there, and no command needs it as things are. */
  status: 'ok' | 'missing' | 'absent';
  version: string | null;
  /** What was found, or what is wrong. */
  detail: string;
  /** The one command that mends it; null where nothing is to mend. */
  fix: string | null;
}

const run = promisify(execFile);
const NATIVE = ['onnxruntime-node', 'sharp', '@electric-sql/pglite', '@vladmandic/face-api'];
/** Of this its weights are used; its code is never loaded. */
const WEIGHTS_ONLY = '@vladmandic/face-api';
const PROBE_TIMEOUT_MS = 60_000;

/** The command that does all set-up in this place. */
function setupCommandOf(place: Place): string {
  return place.kind === 'checkout' ? 'npm run setup' : 'tk setup';
}

export function checkNode(): Check[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const good = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  const wanted = `${OLDEST_NODE.join('.')} or newer`;
  return [
    check('node', good, process.versions.node, good ? process.execPath : `too old: ${wanted} is needed`, {
      fix: `install Node ${wanted}`,
    }),
  ];
}

/** The packages that are loaded at run time: there, in the locked version, and loading. */
export async function checkNativePackages(place: Place): Promise<Check[]> {
  const unlike = missingNpmPackages(place);
  const fix = setupCommandOf(place);
  const loads = await Promise.all(
    NATIVE.map(async (name) => {
      const manifest = packageFile(name, 'package.json');
      if (!manifest) return check(name, false, null, 'not installed', { fix });
      const problem = name === WEIGHTS_ONLY ? null : await whyNotLoaded(place, name);
      const good = name === WEIGHTS_ONLY ? 'there, for its weights' : 'loads';
      return check(name, !problem, readJson(manifest)?.version ?? null, problem ?? good, { fix });
    }),
  );
  const few = unlike.slice(0, 3).join(', ') + (unlike.length > 3 ? `, and ${unlike.length - 3} more` : '');
  const locked = unlike.length === 0 ? 'all as locked' : `not as locked: ${few}`;
  return [check('npm packages', unlike.length === 0, null, locked, { fix }), ...loads];
}

/** The virtual environment, or where there is none the interpreter that it would be made with; and its packages. */
export async function checkPython(place: Place): Promise<Check[]> {
  const python = venvPython(place.root);
  const fix = setupCommandOf(place);
  if (!existsSync(python)) return [...checkInterpreter(fix), noPackages('no virtual environment yet', fix)];
  try {
    const { stdout } = await run(python, ['-c', PYTHON_PROBE], { timeout: PROBE_TIMEOUT_MS });
    const found = JSON.parse(stdout) as { version: string; packages: Record<string, string> };
    return [check('python', true, found.version, python), checkPythonPackages(place, found, fix)];
  } catch (error) {
    const interpreterFix = checkInterpreter(fix)[0]?.fix ?? fix;
    return [
      check('python', false, null, `${python} does not run: ${firstLine(error)}`, { fix: interpreterFix }),
      noPackages('the virtual environment is broken', fix),
    ];
  }
}

/** True where set-up has a Python to begin with: a broken environment is made anew by set-up alone. */
export function canSetUp(checks: readonly Check[], place: Place): boolean {
  const python = checks.find(({ name }) => name === 'python');
  return python?.status === 'ok' || python?.fix === setupCommandOf(place);
}

/** TensorFlow inside Node; absent is no fault, since the Python worker serves. */
export async function checkBinding(place: Place): Promise<Check[]> {
  const name = 'tensorflow binding';
  const file = bindingFile(place.root);
  const fix = setupCommandOf(place);
  if (!file) {
    const why = readBindingMark(place)?.problem ?? 'not built';
    return [{ name, status: 'absent', version: null, detail: why, fix }];
  }
  try {
    const print = `process.stdout.write(require(${JSON.stringify(file)}).TF_Version)`;
    const { stdout } = await run(process.execPath, ['-e', print], { timeout: PROBE_TIMEOUT_MS });
    return [check(name, true, stdout, 'TensorFlow runs inside Node (tfjs-node)')];
  } catch (error) {
    return [{ name, status: 'absent', version: null, detail: `does not load: ${firstLine(error)}`, fix }];
  }
}

/** What building the binding takes. Once it is built nothing needs them. */
export function checkTools(place: Place): Check[] {
  const compiler = findCompiler();
  const headers = findNodeHeaders();
  const built = bindingFile(place.root) !== null;
  const why = built ? 'not needed: the binding is built' : 'without it TensorFlow runs in the Python worker';
  const absent = (name: string, fix: string): Check => {
    return { name, status: 'absent', version: null, detail: why, fix: built ? null : fix };
  };
  return [
    compiler ? check('c++ compiler', true, null, compiler) : absent('c++ compiler', compilerFix()),
    headers
      ? check('node headers', true, null, headers)
      : absent('node headers', "install Node from nodejs.org's archive, which carries them"),
  ];
}

const PYTHON_PROBE = `
import importlib.metadata as m, json, re, sys
found = {re.sub(r"[-_.]+", "-", d.metadata["Name"]).lower(): d.version for d in m.distributions()}
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "packages": found}))
`;

function checkInterpreter(fix: string): Check[] {
  try {
    const { version, executable } = findInterpreter();
    return [check('python', true, version, executable)];
  } catch (error) {
    const interpreterFix = `install Python 3.11, then: ${fix}`;
    return [check('python', false, null, firstLine(error), { fix: interpreterFix })];
  }
}

function checkPythonPackages(
  place: Place,
  found: { version: string; packages: Record<string, string> },
  fix: string,
): Check {
  const locked = lockedPythonPackages(place, Number(found.version.split('.')[1]));
  const unlike = locked.flatMap(({ name, version }) => {
    const got = found.packages[name]?.replace(/\+.*$/, '');
    return got === version
      ? []
      : [`${name} ${got ? `${got}, not ${version}` : `${version} is not installed`}`];
  });
  if (unlike.length > 0) {
    const few = unlike.slice(0, 3).join('; ') + (unlike.length > 3 ? `; and ${unlike.length - 3} more` : '');
    return check('python packages', false, null, few, { fix });
  }
  const told = ['torch', 'tensorflow', 'onnx', 'onnx2tf'].map((name) => `${name} ${found.packages[name]}`);
  return check('python packages', true, null, `${locked.length} as locked: ${told.join(', ')}`);
}

function noPackages(detail: string, fix: string): Check {
  return check('python packages', false, null, detail, { fix });
}

async function whyNotLoaded(place: Place, name: string): Promise<string | null> {
  try {
    await run(process.execPath, ['-e', `require(${JSON.stringify(name)})`], {
      cwd: place.root,
      timeout: PROBE_TIMEOUT_MS,
    });
    return null;
  } catch (error) {
    return `does not load: ${firstLine(error)}`;
  }
}

function compilerFix(): string {
  return process.platform === 'darwin'
    ? 'xcode-select --install'
    : 'apt-get install g++ make (or as your system has it)';
}

/** The line that says most: the error itself where a process printed a stack, else the message's first line. */
function firstLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  const lines = (stderr || message).split('\n').filter((line) => line.trim());
  return (lines.find((line) => /^\w*Error: /.test(line)) ?? lines[0] ?? 'no reason given').trim();
}

function check(
  name: string,
  good: boolean,
  version: string | null,
  detail: string,
  options: { fix?: string } = {},
): Check {
  return { name, status: good ? 'ok' : 'missing', version, detail, fix: good ? null : (options.fix ?? null) };
}
