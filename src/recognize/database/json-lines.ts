// A gallery as JSON lines: a header, then a line a face. It has all that a gallery keeps, for a move or a backup.
import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { badInput } from '../../errors.ts';
import { dataBytes } from '../../formats/tensor.ts';
import { embeddingFault } from '../gallery/embeddings.ts';
import type { NewFace } from './faces.ts';
import type { DetectorIdentity, ModelIdentity } from './identity.ts';
import { personName, photoFileName } from './names.ts';

const FORMAT = 'tk-gallery-export';
/** Version 1 had neither the detector nor the date. */
const EXPORT_VERSION = 2;
/** A face with its thumbnail takes some 20 KiB; a longer line is no face. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const MAX_WIDTH = 16_000;

const headerSchema = z.object({ format: z.literal(FORMAT), version: z.number().int() });

const faceSchema = z.strictObject({
  name: z.string(),
  content: z.string().regex(/^(row:)?[0-9a-f]{64}$/),
  file: z.string().min(1).max(1024),
  model: z.strictObject({
    identity: z.string().regex(/^[0-9a-f]{64}$/),
    name: z.string().min(1).max(200),
    profile: z.record(z.string(), z.unknown()),
  }),
  detector: z
    .strictObject({
      identity: z.string().regex(/^[0-9a-f]{64}$/),
      description: z.record(z.string(), z.unknown()),
    })
    .nullable()
    .default(null),
  addedAt: z.iso.datetime({ precision: 6 }).optional(),
  /** Little-endian float32 in base64. */
  embedding: z.base64(),
  quality: z.number().nullable(),
  box: z.array(z.number()).length(4).nullable(),
  /** WebP in base64. */
  thumbnail: z.base64().nullable(),
});

export function exportHeader(): string {
  return `${JSON.stringify({ format: FORMAT, version: EXPORT_VERSION })}\n`;
}

export function exportLine(face: NewFace, model: ModelIdentity, detector: DetectorIdentity | null): string {
  const { name, content, file, embedding, quality, box, thumbnail, addedAt } = face;
  const line: z.input<typeof faceSchema> = {
    name,
    content,
    file,
    model: { identity: model.identity, name: model.name, profile: model.profile },
    detector: detector && { ...detector, description: { ...detector.description } },
    addedAt,
    embedding: Buffer.from(dataBytes(embedding)).toString('base64'),
    quality,
    box: box && [...box],
    thumbnail: thumbnail && Buffer.from(thumbnail).toString('base64'),
  };
  return `${JSON.stringify(line)}\n`;
}

/** Faces of one model, found by one detector; null where nobody knows which. */
export interface FaceBatch {
  model: ModelIdentity;
  detector: DetectorIdentity | null;
  faces: NewFace[];
}

/**
 * Refuses what is no export, before anything is made for it.
 *
 * @throws TkError `bad-export` or `gallery-newer` (exit 2)
 */
export async function requireExport(file: string): Promise<void> {
  for await (const line of linesOf(file)) return requireHeader(line, file);
  throw badExport(file, 'is empty');
}

/**
 * The faces of an export, in batches.
 *
 * @throws TkError `bad-export` or `bad-name` (exit 2) naming the line
 */
export async function* readExport(file: string, batch: number): AsyncGenerator<FaceBatch> {
  let pending: FaceBatch | null = null;
  let number = 0;
  for await (const line of linesOf(file)) {
    number += 1;
    if (number === 1) {
      requireHeader(line, file);
      continue;
    }
    const { model, detector, face } = parseFace(line, `${file}, line ${number}`);
    const fits =
      pending?.model.identity === model.identity && pending.detector?.identity === detector?.identity;
    if (pending && (!fits || pending.faces.length >= batch)) {
      yield pending;
      pending = null;
    }
    pending ??= { model, detector, faces: [] };
    const width = pending.faces[0]?.embedding.length ?? face.embedding.length;
    if (width !== face.embedding.length) throw badExport(`${file}, line ${number}`, 'has another width');
    pending.faces.push(face);
  }
  if (number === 0) throw badExport(file, 'is empty');
  if (pending) yield pending;
}

function requireHeader(line: string, file: string): void {
  const header = headerSchema.safeParse(parseJson(line, file));
  if (!header.success) throw badExport(file, 'is no export of tk gallery');
  if (header.data.version > EXPORT_VERSION) {
    throw badInput(
      'gallery-newer',
      `${file} was written by a newer tk (version ${header.data.version})`,
      'update tk',
    );
  }
}

function parseFace(line: string, where: string): Omit<FaceBatch, 'faces'> & { face: NewFace } {
  const parsed = faceSchema.safeParse(parseJson(line, where));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw badExport(where, `${issue.path.join('.') || 'the whole'}: ${issue.message}`);
  }
  const { model, detector, embedding: base64, thumbnail, ...rest } = parsed.data;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0 || bytes.length % 4 !== 0 || bytes.length > 4 * MAX_WIDTH) {
    throw badExport(where, 'embedding is no float32 vector');
  }
  const embedding = new Float32Array(new Uint8Array(bytes).buffer);
  const fault = embeddingFault(embedding);
  if (fault) throw badExport(where, `embedding ${fault}`);
  const face = {
    ...rest,
    name: personName(rest.name, where),
    file: photoFileName(rest.file),
    embedding,
    thumbnail: thumbnail === null ? null : Buffer.from(thumbnail, 'base64'),
  };
  return { model, detector, face };
}

function parseJson(line: string, where: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw badExport(where, 'is not JSON');
  }
}

/** Lines of a file, each of bounded length. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      let buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      for (let end = buffer.indexOf(10); end >= 0; end = buffer.indexOf(10)) {
        yield buffer.toString('utf8', 0, end);
        buffer = buffer.subarray(end + 1);
      }
      if (buffer.length > MAX_LINE_BYTES)
        throw badExport(file, `has a line of more than ${MAX_LINE_BYTES} bytes`);
      rest = Buffer.from(buffer);
    }
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall) throw badInput('bad-export', `${file} cannot be read (${code})`, undefined, error);
    throw error;
  }
  if (rest.length > 0) yield rest.toString('utf8');
}

function badExport(where: string, fault: string) {
  return badInput('bad-export', `${where} ${fault}`, 'made by: tk gallery export FILE.jsonl');
}
