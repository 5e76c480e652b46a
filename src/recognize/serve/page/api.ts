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

/** @throws Error with the server's own words */
async function call<T>(method: string, path: string, body?: Blob): Promise<T> {
  let response: Response;
  try {
    const type = body?.type || 'application/octet-stream';
    response = await fetch(path, { method, ...(body && { body, headers: { 'content-type': type } }) });
  } catch {
    throw new Error('The server does not answer. Is tk serve still running?');
  }
  if (response.status === 204) return undefined as T;
  type Answer = T & { error?: { message: string; hint?: string } };
  const answer = (await response.json().catch(() => null)) as Answer | null;
  if (answer === null)
    throw new Error(`The answer broke off (${response.status}). Is tk serve still running?`);
  if (answer.error) throw new Error([answer.error.message, answer.error.hint].filter(Boolean).join(': '));
  return answer;
}

const personPath = (name: string) => `/api/people/${encodeURIComponent(name)}`;

export const api = {
  status: () => call<Status>('GET', '/api/status'),
  recognise: (photo: Blob) => call<Recognised>('POST', '/api/recognize', photo),
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
