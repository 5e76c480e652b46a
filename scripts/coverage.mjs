// Runs every ONNX backend test through the native engine and TensorFlow and writes docs/coverage.md from what came out.
// Usage: node scripts/coverage.mjs [part of a test's name, to run those only and print instead of writing]
//        node scripts/coverage.mjs --scope: writes the names of the tests in scope from the installed onnx wheel
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundled } from './bundled.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const backend = await bundled(join(root, 'test/convert/engines/native/backend.ts'));
const only = process.argv[2];

/**
 * Tests that no TensorFlow kernel can be asked: elements of 4 bits and of 8-bit floating point, ai.onnx.ml, training; and a
 * network whose 1,000 scores should be equal, near 10^10, where the last bit of a sum decides what Softmax makes of them.
 */
const OUT_OF_SCOPE =
  /light_squeezenet|float8|FLOAT8|e4m3|e5m2|E4M3|E5M2|int4|INT4|float4|FLOAT4|_ai_onnx_ml_|adagrad|adam|momentum|nesterov|training|gradient/;

if (only === '--scope') {
  const names = backend.testNames(root).filter((/** @type {string} */ name) => !OUT_OF_SCOPE.test(name));
  writeFileSync(backend.scopePath(root), `${names.join('\n')}\n`);
  console.log(`${names.length} tests in scope`);
  process.exit();
}

/** @type {Set<string>} */
const scope = new Set(backend.scope(root));

/** @typedef {{name: string, ops: string[], verdict: string, reason: string | null}} Verdict */
/** @type {Verdict[]} */
const verdicts = await backend.runBackendTests(
  root,
  (/** @type {string} */ name) => !only || name.toLowerCase().includes(only.toLowerCase()),
);
const inScope = verdicts.filter(({ name }) => scope.has(name));

/** @param {Verdict[]} list @param {string} verdict */
const count = (list, verdict) => list.filter((each) => each.verdict === verdict).length;
const summary = ['pass', 'refused', 'wrong', 'error']
  .map((verdict) => `${verdict} ${count(inScope, verdict)}`)
  .join(', ');

if (only || process.env.TK_COVERAGE_PRINT) {
  for (const { name, verdict, reason } of verdicts)
    if (verdict !== 'pass') console.log(verdict, name, reason ?? '');
} else {
  writeFileSync(join(root, 'docs/coverage.md'), page());
}
console.log(`${inScope.length} tests in scope of ${verdicts.length}: ${summary}`);

function page() {
  const suites = [...new Set(inScope.map(({ name }) => name.split('/')[0]))];
  const rows = suites.map((suite) => {
    const list = inScope.filter(({ name }) => name.startsWith(`${suite}/`));
    return `| ${suite} | ${list.length} | ${['pass', 'refused', 'wrong', 'error'].map((v) => count(list, v)).join(' | ')} |`;
  });
  const faults = inScope.filter(({ verdict }) => verdict === 'wrong' || verdict === 'error');
  const refused = inScope.filter(({ verdict }) => verdict === 'refused');
  return `# What the native engine covers

Made by \`node scripts/coverage.mjs\`: the backend tests of the installed onnx wheel, each converted by the native engine
and run in TensorFlow against its expected outputs (rtol 1e-3, atol 1e-5; integers and bools exactly). The names of the
tests in scope are in \`test/convert/engines/native/scope.txt\`; left out are those over elements of 4 bits and of 8-bit
floating point, \`ai.onnx.ml\` and training, and \`light_squeezenet\`: all its weights are alike, its 1,000 scores lie near 10^10,
and the last bit of a sum decides what its Softmax makes of them. (Fed with normal numbers it is right.)

| suite | tests | pass | refused | wrong | error |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

Refused means that \`tk convert --engine native\` names the node and the reason and writes nothing.

## Wrong or failing

${faults.length === 0 ? 'None.' : faults.map(({ name, reason }) => `- ${name}: ${reason}`).join('\n')}

## Refused

| test | reason |
| --- | --- |
${refused.map(({ name, reason }) => `| ${name} | ${(reason ?? '').replaceAll('|', '\\|')} |`).join('\n')}
`;
}
