// The server's API, as the page uses it (docs/serve.md).

export interface Near {
  name: string;
  file: string;
  content: string;
  score: number;
  thumbnail: boolean;
}

export interface Face {
  box: [number, number, number, number];
  name: string;
  known: boolean;
  score: number | null;
  quality: number | null;
  detectionScore: number;
  aligned: string;
  near: Near[];
}

export interface Recognised {
  width: number;
  height: number;
  faces: Face[];
  ms: number;
}

export interface Status {
  version: string;
  runtime: { name: string; version: string };
  models: { role: string; name: string; sha256: string; parity: { verdict: string; finishedAt: string } }[];
  embedder: { name: string; score: string; threshold: number; lowerIsBetter: boolean };
  gallery: { database: string; tenant: string; people: number; faces: number };
}

export interface Person {
  name: string;
  photos: number;
}

/** Why a request came to nothing, in words for who asked. */
export class Failure extends Error {
  /** Whether the same request may succeed later. */
  readonly passing: boolean;

  constructor(message: string, passing: boolean) {
    super(message);
    this.passing = passing;
  }
}

/** @throws Failure with the server's own words; DOMException where `signal` ended the request */
async function call<T>(method: string, path: string, body?: Blob, signal?: AbortSignal): Promise<T> {
  const response = await send(method, path, body, signal);
  if (response.status === 204) return undefined as T;
  type Answer = T & { error?: { message: string; hint?: string } };
  const answer = (await response.json().catch(() => null)) as Answer | null;
  signal?.throwIfAborted();
  if (answer === null)
    throw new Failure(`The answer broke off (${response.status}). Is tk serve still running?`, true);
  if (!answer.error) return answer;
  const { message, hint } = answer.error;
  const passing = response.status >= 500 || response.status === 429 || response.status === 408;
  throw new Failure([message, hint].filter(Boolean).join(': '), passing);
}

async function send(method: string, path: string, body?: Blob, signal?: AbortSignal): Promise<Response> {
  // A file's name may promise anything; what it is, the server tells by its bytes.
  const type = body?.type.startsWith('image/') ? body.type : 'application/octet-stream';
  try {
    return await fetch(path, {
      method,
      ...(body && { body, headers: { 'content-type': type } }),
      ...(signal && { signal }),
    });
  } catch {
    signal?.throwIfAborted();
    if (body && !(await isReadable(body))) {
      throw new Failure('The file cannot be read. Is it a folder, or was it moved or changed?', false);
    }
    throw new Failure('The server does not answer. Is tk serve still running?', true);
  }
}

async function isReadable(body: Blob): Promise<boolean> {
  return body
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );
}

const personPath = (name: string) => `/api/people/${encodeURIComponent(name)}`;

export const api = {
  status: () => call<Status>('GET', '/api/status'),
  recognise: (photo: Blob, signal: AbortSignal) => call<Recognised>('POST', '/api/recognize', photo, signal),
  people: async () => (await call<{ people: Person[] }>('GET', '/api/people')).people,
  enrol: (name: string, photo: File, face: Face, thumbnail: boolean) => {
    const query = new URLSearchParams({
      file: photo.name.slice(-200),
      box: face.box.join(','),
      thumbnail: String(thumbnail),
    });
    return call<{ added: boolean; name: string }>('POST', `${personPath(name)}/photos?${query}`, photo);
  },
  forget: (name: string) => call<void>('DELETE', personPath(name)),
  thumbnailUrl: ({ name, content }: Near) => `${personPath(name)}/photos/${content}/thumbnail`,
};
