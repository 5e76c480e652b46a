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
}

/**
 * Writes each file whole.
 *
 * @throws TkError `unwritable` (exit 2)
 */
function writeReports(files: ReportFiles, ending: Ending, images: readonly ShownInput[]): void {
  const { junit, markdown, html } = files;
  if (junit !== undefined) writeWholeFile(junit, junitText(ending), '--junit');
  if (markdown !== undefined) writeWholeFile(markdown, markdownText(ending), '--markdown');
  if (html !== undefined) writeWholeFile(html, htmlText(ending, images), '--html');
}

/**
 * Runs a verification and writes its reports. Where it fails they say so: an older report that passed would be taken
 * for this one's.
 *
 * @throws what `run` throws
 */
export async function withReports(
  files: ReportFiles,
  images: readonly ShownInput[],
  run: () => Promise<ParityRecord>,
): Promise<ParityRecord> {
  let record: ParityRecord;
  try {
    record = await run();
  } catch (error) {
    writeReports(files, { failure: failureOf(error) }, images);
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
