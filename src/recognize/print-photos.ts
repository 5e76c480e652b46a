// Prints photos as they are recognised: lines for people, lines of JSON, or one JSON report at the end.
import { badInput, EXIT, type ExitCode } from '../errors.ts';
import { note, print, printJson, printJsonLine } from '../terminal/output.ts';
import type { Progress } from '../terminal/progress.ts';
import { createRate } from '../terminal/rate.ts';
import type { Recognition } from './recognize.ts';
import { type PhotoReport, photoJson, photoLines } from './report.ts';

export interface PrintOptions {
  json?: boolean | undefined;
  jsonl?: boolean | undefined;
  requireMatch?: boolean | undefined;
  /** How many photos there are; null where nobody knows yet. */
  total: number | null;
  progress: Progress;
}

/**
 * Prints every photo; nothing of a photo is kept, unless the one report of `--json` needs it.
 *
 * @returns 0, also with damaged photos among others; 2 where all were damaged; 1 where `--require-match` is not met
 * @throws the error of the only photo, where that could not be read
 */
export async function printPhotos(recognition: Recognition, options: PrintOptions): Promise<ExitCode> {
  const { progress, total } = options;
  const rate = createRate('photos', total);
  const kept: object[] = [];
  const counts = { photos: 0, failed: 0, matched: 0 };
  progress.start('recognising');
  for await (const photo of recognition.photos) {
    counts.photos++;
    if (photo.error) counts.failed++;
    if (photo.faces.some(({ known }) => known)) counts.matched++;
    progress.tick(rate.tick());
    if (photo.error && total === 1 && !options.jsonl) throw photo.error;
    if (options.json) kept.push(photoJson(photo));
    else printOne(photo, recognition, options);
  }
  progress.stop();
  if (counts.photos === 0) throw badInput('usage', 'the list on stdin names no photo');
  if (options.json) printJson({ ...recognition.run, photos: kept });
  else if (counts.photos > 1) {
    note(`${rate.summary()}${counts.failed > 0 ? `, ${counts.failed} of them failed` : ''}`);
  }
  return exitCode(counts, options.requireMatch ?? false);
}

function printOne(photo: PhotoReport, { embedder }: Recognition, { jsonl, progress }: PrintOptions): void {
  progress.clear();
  if (jsonl) {
    printJsonLine(photoJson(photo));
    return;
  }
  for (const line of photoLines(photo, embedder)) print(line);
  if (photo.error) note(`tk: ${photo.error.message}`);
  if ((photo.frames ?? 1) > 1) note(`${photo.image} has ${photo.frames} frames: the first was looked at`);
  if (photo.annotated) note(`annotated: ${photo.annotated}`);
}

function exitCode(
  { photos, failed, matched }: { photos: number; failed: number; matched: number },
  requireMatch: boolean,
): ExitCode {
  if (photos > 0 && failed === photos) return EXIT.badInput;
  return requireMatch && matched < photos ? EXIT.checkFailed : EXIT.ok;
}
