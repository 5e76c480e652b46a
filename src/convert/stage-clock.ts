// Times the stages of a conversion and tells listeners about them.

/** The stages of a conversion, in order; a source in ONNX has no `export` and no `reference`. */
export type StageName =
  | 'load'
  | 'export'
  | 'check'
  | 'reference'
  | 'tensorflow'
  | 'signature'
  | 'parity'
  | 'publish';

export type ConvertEvent =
  | { type: 'stage-start'; stage: StageName }
  | { type: 'stage-progress'; stage: StageName; message: string }
  | { type: 'stage-done'; stage: StageName; ms: number }
  /** Something that the user should know although the run goes on. */
  | { type: 'notice'; message: string };

export interface StageClock {
  /** Milliseconds by finished stage. */
  readonly timings: Record<string, number>;
  /** Runs a stage of this process. */
  run<T>(stage: StageName, work: (onProgress: (message: string) => void) => Promise<T>): Promise<T>;
  /** A stage that the worker began or ended, with the worker's own time. */
  started(stage: StageName): void;
  finished(stage: StageName, ms: number): void;
  message(stage: StageName, text: string): void;
  notice(message: string): void;
}

/** A clock with no stage run yet. */
export function createStageClock(onEvent: ((event: ConvertEvent) => void) | undefined): StageClock {
  const timings: Record<string, number> = {};
  const emit = (event: ConvertEvent): void => onEvent?.(event);
  const started = (stage: StageName): void => emit({ type: 'stage-start', stage });
  const finished = (stage: StageName, ms: number): void => {
    timings[stage] = Math.round(ms);
    emit({ type: 'stage-done', stage, ms });
  };
  const message = (stage: StageName, text: string): void =>
    emit({ type: 'stage-progress', stage, message: text });
  return {
    timings,
    started,
    finished,
    message,
    notice: (text) => emit({ type: 'notice', message: text }),
    run: async (stage, work) => {
      started(stage);
      const start = performance.now();
      const result = await work((text) => message(stage, text));
      finished(stage, performance.now() - start);
      return result;
    },
  };
}
