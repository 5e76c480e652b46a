// One campaign: every damaged file of one model through the child, and what is to hold of all of them.
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FuzzChild } from './child.ts';

/** A file of the corpus and the name under which its damaged copies are inspected. */
export interface CorpusFile {
  name: string;
  sound: Buffer;
  /** Below the scratch directory; recognised by content, where it is no SavedModel. */
  target: string;
  /** Cut at every byte, or, of a larger file beside a small one of its format, at every so many. */
  step?: number;
  /** The reader of oracle.py that knows what TensorFlow accepts. */
  oracle?: 'binary' | 'text' | 'graph' | 'index';
}

export interface Campaign {
  cases: number;
  reports: number;
  codes: Map<string, number>;
  /** What must not be, each with the file that shows it. */
  faults: string[];
  mostSeconds: number;
  mostMiB: number;
  /** The refused files, for the oracle. */
  refused: string;
}

/** Codes that say no more than that something is wrong. */
export const GENERIC_CODES = ['damaged-file', 'internal-error'];

/** Seconds and memory that no file may cost. */
export const LIMITS = { seconds: 2, peakMiB: 300 };

/** Inspects every damaged file; keeps the first files that show a fault beside `scratch`. */
export async function campaign(
  child: FuzzChild,
  file: CorpusFile,
  damaged: Iterable<Buffer>,
  scratch: string,
): Promise<Campaign> {
  const path = join(scratch, file.name, file.target);
  mkdirSync(dirname(path), { recursive: true });
  const refused = join(scratch, `${file.name}.refused`);
  const kept = openSync(refused, 'w');
  const result: Campaign = {
    ...{ cases: 0, reports: 0, codes: new Map(), faults: [], mostSeconds: 0, mostMiB: 0, refused },
  };
  for (const bytes of damaged) {
    writeFileSync(path, bytes);
    const { answer, seconds, peakMiB } = await child.inspect(path);
    result.cases += 1;
    result.mostSeconds = Math.max(result.mostSeconds, seconds);
    result.mostMiB = Math.max(result.mostMiB, peakMiB);
    const fault = faultOf(answer, seconds, peakMiB);
    if (fault) {
      const example = join(scratch, `${file.name}.fault-${result.faults.length}`);
      if (result.faults.length < 20) writeFileSync(example, bytes);
      result.faults.push(`${example}: ${fault}`);
    }
    if (answer.kind === 'report') result.reports += 1;
    if (answer.kind !== 'error') continue;
    result.codes.set(answer.code, (result.codes.get(answer.code) ?? 0) + 1);
    if (file.oracle) {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      writeSync(kept, Buffer.concat([length, bytes]));
    }
  }
  closeSync(kept);
  return result;
}

type Observation = Awaited<ReturnType<FuzzChild['inspect']>>;

/** What is wrong with an outcome: no report, and no error of one line with a code, a byte and a field. */
function faultOf(answer: Observation['answer'], seconds: number, peakMiB: number): string | undefined {
  if (answer.kind === 'fault') return answer.what;
  if (seconds > LIMITS.seconds) return `${seconds} s`;
  if (peakMiB > LIMITS.peakMiB) return `${peakMiB} MiB`;
  if (answer.kind === 'report') return undefined;
  const { code, exitCode, message, place } = answer;
  if (exitCode !== 2) return `exit code ${exitCode}: ${message}`;
  if (/\p{Cc}/u.test(message)) return `several lines: ${JSON.stringify(message)}`;
  const placed = place && Number.isSafeInteger(place.offset) && place.offset >= 0 && place.field !== '';
  return placed ? undefined : `${code} without a byte or field: ${message}`;
}

/** Of all errors, the part that the generic codes have. */
export function genericShare(campaigns: Campaign[]): number {
  const counts = campaigns.flatMap(({ codes }) => [...codes]);
  const sum = (entries: [string, number][]) => entries.reduce((total, [, count]) => total + count, 0);
  return sum(counts.filter(([code]) => GENERIC_CODES.includes(code))) / Math.max(1, sum(counts));
}
