// Recognition, galleries and calibration for users of the library: with this project's own conversion, gate and runtimes.
import { convert } from './convert/convert.ts';
import {
  type CalibrateOptions,
  type CalibrationReport,
  calibrateWith,
} from './recognize/calibrate/calibrate.ts';
import {
  galleryAdd,
  galleryExport,
  galleryImport,
  galleryIndex,
  galleryList,
  galleryPhotos,
  galleryRemove,
} from './recognize/database/actions.ts';
import { type GallerySearchOptions, gallerySearch } from './recognize/database/search-action.ts';
import { defaultDependencies } from './recognize/dependencies.ts';
import {
  openRecognition as openRecognitionWith,
  type Recognition,
  type RecognizeOptions,
  recognizeWith,
} from './recognize/recognize.ts';
import type { RecognizeReport } from './recognize/report.ts';
import type { RunningServer, ServeOptions } from './recognize/serve/serve.ts';

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

/** What `tk gallery` does, a function a subcommand; each opens the database and closes it. */
export const gallery = {
  add: async (options: Parameters<typeof galleryAdd>[0]) => galleryAdd(options, defaultDependencies(convert)),
  remove: galleryRemove,
  list: galleryList,
  photos: galleryPhotos,
  import: async (options: Parameters<typeof galleryImport>[0]) =>
    galleryImport(options, defaultDependencies(convert)),
  export: galleryExport,
  search: async (options: GallerySearchOptions) => gallerySearch(options, defaultDependencies(convert)),
  index: galleryIndex,
};

/** Starts the page and HTTP API of `tk serve`. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  return (await import('./recognize/serve/serve.ts')).serve(options, defaultDependencies(convert));
}
