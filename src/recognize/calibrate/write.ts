// What a calibration leaves in a folder: the profile to use, the whole report, the page, and the curves as pictures.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { badInput } from '../../errors.ts';
import { checkWritable } from '../../formats/writable.ts';
import { unwritable } from '../../system-failure.ts';
import { writeWhole } from '../cache-folder.ts';
import type { CalibrationReport } from './calibrate.ts';
import { calibrationPage, detPicture, rocPicture } from './page.ts';

const FILES = ['profile.json', 'calibration.json', 'calibration.html', 'roc.svg', 'det.svg'];

/**
 * Refuses a folder that holds an earlier calibration, or that cannot be written, before hours of work.
 *
 * @throws TkError `exists` or `unwritable` (exit 2)
 */
export function refuseExisting(folder: string, force: boolean | undefined): void {
  const there = FILES.find((name) => existsSync(join(folder, name)));
  if (there !== undefined && !force) {
    throw badInput(
      'exists',
      `${join(folder, there)} exists`,
      'name another --out, or add --force to replace it',
    );
  }
  for (const name of FILES) checkWritable(join(folder, name), 'name another --out');
}

/**
 * Writes the files, each whole.
 *
 * @returns their paths
 * @throws TkError `unwritable` (exit 2)
 */
export async function writeCalibration(folder: string, report: CalibrationReport): Promise<string[]> {
  const contents = [
    `${JSON.stringify(report.candidates[0]!.profile, null, 2)}\n`,
    `${JSON.stringify(report, null, 2)}\n`,
    calibrationPage(report),
    rocPicture(report),
    detPicture(report),
  ];
  try {
    for (const [index, name] of FILES.entries()) await writeWhole(join(folder, name), contents[index]!);
  } catch (cause) {
    throw unwritable(folder, cause, 'name another --out');
  }
  return FILES.map((name) => join(folder, name));
}
