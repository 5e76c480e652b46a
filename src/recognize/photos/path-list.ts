// Paths that arrive as a list: one a line, or parted by NUL bytes as `find -print0` and `git ls-files -z` write them.
import { badInput } from '../../errors.ts';

const [NUL, LINE_FEED] = [0, 10];
/** No system takes a longer path (Linux: 4,096 bytes): something else was given. */
const MAX_PATH_BYTES = 65_536;

/**
 * The paths, each as soon as it is there. A list whose first bytes hold a NUL is parted by those, and a line break is then
 * part of a name; else it is lines, with or without carriage returns. Empty entries are left out.
 *
 * @throws TkError `bad-list` (exit 2) where a path is longer than any can be
 */
export async function* pathsOf(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  let separator: number | null = null;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of input as AsyncIterable<Buffer | string>) {
    let bytes: Buffer = Buffer.concat([rest, Buffer.from(chunk as string)]);
    separator ??= bytes.includes(NUL) ? NUL : LINE_FEED;
    for (let end = bytes.indexOf(separator); end >= 0; end = bytes.indexOf(separator)) {
      yield* pathOf(bytes.subarray(0, end), separator);
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > MAX_PATH_BYTES) throw noPath();
    rest = bytes;
  }
  yield* pathOf(rest, separator ?? LINE_FEED);
}

function* pathOf(bytes: Buffer, separator: number): Generator<string> {
  const text = bytes.toString('utf8');
  const path = separator === LINE_FEED ? text.replace(/\r$/, '') : text;
  if (path.includes('\0')) throw noPath();
  if (path !== '') yield path;
}

function noPath() {
  const hint = 'give paths, one a line, or parted by NUL (find -print0)';
  return badInput('bad-list', 'the list on stdin holds what is no path', hint);
}
