// `tk calibrate`: flags and wiring.
import { defineCommand, type GlobalOptions } from '../../command.ts';
import { interruptSignal } from '../../interrupt.ts';
import { note, print, printJson } from '../../terminal/output.ts';
import { createProgress, type Progress } from '../../terminal/progress.ts';
import { type EmbeddingsFlags, withEmbeddingsFlags } from '../gallery-flags.ts';
import {
  type ModelFlags,
  type RecognizeDependencies,
  showConversion,
  withNamingFlags,
} from '../model-flags.ts';
import type { CalibrateEvent } from './calibrate.ts';

interface CalibrateFlags extends GlobalOptions, ModelFlags, EmbeddingsFlags {
  faces?: string;
  pairs?: string;
  exclude?: string[];
  fmr?: number;
  fitShare?: number;
  draws?: number;
  seed?: number;
  out?: string;
  force?: boolean;
}

export function calibrateCommand({ convert }: RecognizeDependencies) {
  return defineCommand<CalibrateFlags>({
    command: 'calibrate [faces]',
    describe: 'choose an embedder’s threshold from labelled faces, and measure what it is worth',
    builder: (yargs) =>
      withNamingFlags(
        withEmbeddingsFlags(
          yargs
            .positional('faces', { type: 'string', describe: 'folder of name/photo.jpg' })
            .option('pairs', {
              type: 'string',
              describe: 'list of labelled pairs, a line each: photo, photo, 1 or 0; default: every pair',
            }) as never,
        ) as never,
      )
        .option('exclude', {
          type: 'string',
          array: true,
          nargs: 1,
          describe:
            'person to leave out, repeatable; a photo’s own folder that begins with _ is left out anyway',
        })
        .option('fmr', {
          type: 'number',
          describe: 'false match rate to choose the threshold for; default: the smallest measurable 10⁻ⁿ',
        })
        .option('fit-share', {
          type: 'number',
          describe: 'share of the people to fit on; the others test [default: 0.5]',
        })
        .option('draws', { type: 'number', describe: 'draws for the intervals [default: 1000]' })
        .option('seed', { type: 'number', describe: 'seed of the split and the draws [default: 42]' })
        .option('out', {
          type: 'string',
          describe: 'folder for profile.json, calibration.json, calibration.html and the curves as .svg',
        })
        .option('force', { type: 'boolean', describe: 'replace an earlier calibration in --out' })
        .example('$0 calibrate faces/ --out calibration', 'the default embedder, on a folder of people')
        .example('$0 recognize photo.jpg --gallery known/ --profile calibration/profile.json', 'its use')
        .epilogue('Method and file formats: docs/calibrate.md') as never,
    run: async (flags) => {
      const [{ calibrateWith }, { defaultDependencies }, { refuseExisting, writeCalibration }] =
        await Promise.all([import('./calibrate.ts'), import('../dependencies.ts'), import('./write.ts')]);
      if (flags.out !== undefined) refuseExisting(flags.out, flags.force);
      const progress = createProgress({ silent: flags.json });
      try {
        const report = await calibrateWith(
          {
            ...flags,
            signal: interruptSignal,
            onConvert: (source, event) => showConversion(source, event, progress),
            onEvent: (event) => showEvent(event, progress),
          },
          defaultDependencies(convert),
        );
        progress.stop();
        const written = flags.out === undefined ? [] : await writeCalibration(flags.out, report);
        if (flags.json) printJson(report);
        else print((await import('./text.ts')).calibrationText(report));
        for (const path of written) note(`written: ${path}`);
        return undefined;
      } finally {
        progress.stop();
      }
    },
  });
}

function showEvent(event: CalibrateEvent, progress: Progress): void {
  if (event.type === 'verified') progress.start(`models verified: ${event.models.join(', ')}`);
  if (event.type === 'enrol') progress.message(`${event.done} of ${event.total} photos`);
  if (event.type === 'stage') progress.start(event.stage === 'fit' ? 'fitting' : 'measuring');
}
