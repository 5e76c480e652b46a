// The files that the flags ask for, written when a verification has ended, or could not end.
import { TkError } from '../../errors.ts';
import type { ParityRecord } from '../../formats/output/parity.ts';
import { writeWholeFile } from '../../formats/whole-file.ts';
import { htmlText } from './html.ts';
import type { ShownInput } from './images.ts';
import { junitText } from './junit.ts';
import { markdownText } from './markdown.ts';
import type { Ending } from './text.ts';

/** Paths by kind. */
export interface ReportFiles {
  junit?: string | undefined;
  markdown?: string | undefined;
  html?: string | undefined;
  /** The record itself; only of a verification that ended. */
  report?: string | undefined;
}

/**
 * Writes each file whole. One that cannot be written leaves out no other.
 *
 * @throws TkError `unwritable` (exit 2) or `disk-full` (exit 3), of the first that could not be written
 */
function writeReports(files: ReportFiles, ending: Ending, images: readonly ShownInput[]): void {
  const texts = {
    junit: () => junitText(ending),
    markdown: () => markdownText(ending),
    html: () => htmlText(ending, images),
    ...('record' in ending && { report: () => `${JSON.stringify(ending.record, null, 2)}\n` }),
  };
  const problems: unknown[] = [];
  for (const [kind, text] of Object.entries(texts)) {
    const path = files[kind as keyof ReportFiles];
    if (path === undefined) continue;
    try {
      writeWholeFile(path, text(), `--${kind}`);
    } catch (problem) {
      problems.push(problem);
    }
  }
  if (problems.length > 0) throw problems[0];
}

/**
 * Runs a verification and writes its reports: its record, also where something beside it could not be written then, or why
 * there is none: an older report that passed would be taken for this one's.
 *
 * @param run hands over the record as soon as there is one
 * @throws what `run` throws; else what kept a report from being written
 */
export async function withReports(
  files: ReportFiles,
  images: readonly ShownInput[],
  run: (onRecord: (record: ParityRecord) => void) => Promise<ParityRecord>,
): Promise<ParityRecord> {
  let known: ParityRecord | null = null;
  let record: ParityRecord;
  try {
    record = await run((told) => {
      known = told;
    });
  } catch (error) {
    try {
      writeReports(files, known ? { record: known } : { failure: failureOf(error) }, images);
    } catch {
      // What ended the verification says more, and most often why no report can be written.
    }
    throw error;
  }
  writeReports(files, { record }, images);
  return record;
}

function failureOf(error: unknown): { code: string; message: string; hint?: string | undefined } {
  if (error instanceof TkError) return { code: error.code, message: error.message, hint: error.hint };
  const message = error instanceof Error ? error.message.split('\n')[0]! : String(error);
  return { code: 'internal-error', message };
}
