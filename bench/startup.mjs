// Start-up of `tk` against Node itself in the same run: `node bench/startup.mjs [RUNS]`. The budget is 1.3 × `node -e 0`.
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const runs = Number(process.argv[2] ?? 21);
const tk = fileURLToPath(new URL('../bin/tk', import.meta.url));
const program = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const cases = [
  { name: 'node -e 0', args: ['-e', '0'] },
  { name: 'tk --version', args: [tk, '--version'] },
  { name: 'tk --help', args: [tk, '--help'] },
  { name: 'tk inspect --help (yargs)', args: [program, 'inspect', '--help'] },
];

/** @type {number[][]} */
const times = cases.map(() => []);
for (let run = 0; run < runs; run++) {
  // One of each in turn, so that a busy moment of the machine falls on all of them.
  cases.forEach(({ name, args }, index) => {
    const since = performance.now();
    const { status } = spawnSync(process.execPath, args, { stdio: 'pipe' });
    if (status !== 0) throw new Error(`${name} exited with ${status}`);
    times[index]?.push(performance.now() - since);
  });
}

const medians = times.map((list) => list.sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN);
const peer = medians[0] ?? Number.NaN;
console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.versions.node}, median of ${runs} runs`,
);
cases.forEach(({ name }, index) => {
  const median = medians[index] ?? Number.NaN;
  console.log(
    `${name.padEnd(28)}${median.toFixed(0).padStart(6)} ms${(median / peer).toFixed(2).padStart(8)} ×`,
  );
});
