// Recognition and calibration for users of the library: with this project's own conversion, gate and runtimes.
import { convert } from './convert/convert.ts';
import {
  type CalibrateOptions,
  type CalibrationReport,
  calibrateWith,
} from './recognize/calibrate/calibrate.ts';
import { defaultDependencies } from './recognize/dependencies.ts';
import {
  openRecognition as openRecognitionWith,
  type Recognition,
  type RecognizeOptions,
  recognizeWith,
} from './recognize/recognize.ts';
import type { RecognizeReport } from './recognize/report.ts';

/** Recognises the faces of photos; see `recognizeWith`. Converts into the user's cache what is missing there. */
export async function recognize(options: RecognizeOptions): Promise<RecognizeReport> {
  return recognizeWith(options, defaultDependencies(convert));
}

/** Recognises photos one by one, in bounded memory; iterate `photos`. Close it at the end. */
export async function openRecognition(options: RecognizeOptions): Promise<Recognition> {
  return openRecognitionWith(options, defaultDependencies(convert));
}

/** Calibrates an embedder on labelled faces; see `calibrateWith`. */
export async function calibrate(options: CalibrateOptions): Promise<CalibrationReport> {
  return calibrateWith(options, defaultDependencies(convert));
}
