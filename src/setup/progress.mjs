// @ts-check
// Progress of set-up on stderr: one line a step with its time; on a terminal a live line while the step runs.

const TICK_MS = 200;

/**
 * @typedef {object} Progress
 * @property {(title: string) => void} start
 * @property {(line: string) => void} say what the running step's subprocess prints; shown on a terminal only
 * @property {() => void} done
 * @property {() => void} failed
 * @property {(line: string) => void} note
 */

/**
 * @param {{ isTTY?: boolean | undefined, columns?: number | undefined, write: (text: string) => unknown }} stream
 * @returns {Progress}
 */
export function createProgress(stream) {
  const live = Boolean(stream.isTTY) && !process.env.CI;
  let title = '';
  let said = '';
  let since = 0;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const seconds = () => ((performance.now() - since) / 1000).toFixed(1);
  const clear = () => live && stream.write('\r\x1b[K');
  const draw = () => {
    const line = `  ${title}  ${seconds()} s  ${said}`;
    stream.write(`\r\x1b[K${line.slice(0, (stream.columns ?? 80) - 1)}`);
  };
  /** @param {string} result */
  const end = (result) => {
    clearInterval(timer);
    clear();
    stream.write(`  ${title}: ${result}, ${seconds()} s\n`);
  };
  return {
    start: (next) => {
      [title, said, since] = [next, '', performance.now()];
      if (live) timer = setInterval(draw, TICK_MS);
      else stream.write(`  ${title} …\n`);
    },
    say: (line) => {
      said = line;
    },
    done: () => end('done'),
    failed: () => end('failed'),
    note: (line) => {
      clear();
      stream.write(`  note: ${line}\n`);
    },
  };
}
