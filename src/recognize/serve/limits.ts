// What the server allows its callers.

export interface ServerLimits {
  /** Bytes of a photo. */
  maxUpload: number;
  /** Requests a minute and address. */
  requestsPerMinute: number;
  /** Photos in work at a time, and waiting for that or still arriving. */
  atOnce: number;
  waiting: number;
  /** Milliseconds that an upload may take. */
  uploadMs: number;
}

export const SERVER_LIMITS: ServerLimits = {
  maxUpload: 25 * 1024 * 1024,
  requestsPerMinute: 600,
  atOnce: 2,
  waiting: 8,
  uploadMs: 60_000,
};
