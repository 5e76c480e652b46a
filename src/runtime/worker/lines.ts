// Lines of a byte stream, each bounded: a worker gone mad must not fill our memory.
import type { Readable } from 'node:stream';

const LONGEST_LINE = 64 * 2 ** 20;

/** Yields the lines of a UTF-8 stream without their newline; ends with the stream. A line past 64 MiB is cut there. */
export async function* readLines(stream: Readable): AsyncGenerator<string, void, void> {
  stream.setEncoding('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + (chunk as string)).split('\n');
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const line of lines) if (line.trim() !== '') yield line;
  }
  if (rest.trim() !== '') yield rest;
}
