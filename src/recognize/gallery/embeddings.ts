// A gallery from embeddings that exist: the pair of .npy files (or of one and a folder) that the seed uses.
import { readFile } from 'node:fs/promises';
import { badInput } from '../../errors.ts';
import { readNpy } from '../../formats/npy/npy.ts';
import type { Tensor } from '../../formats/tensor.ts';
import { personName } from '../database/names.ts';
import { isPhotoName } from '../image-format.ts';
import { walkGallery } from './folder.ts';
import { type Gallery, type GalleryEntry, nameOfFile } from './gallery.ts';

export interface EmbeddingSources {
  /** A float32 or float64 matrix, one row a registered photo. */
  embeddings: string;
  /** A list of strings, one a row. */
  filenames?: string | undefined;
  /** A gallery folder whose photos, in lexical order, are the rows. */
  gallery?: string | undefined;
}

/**
 * Reads the gallery: a row's name is the parent folder of its file; without files a row is called `row N`, from 0.
 *
 * @throws TkError `bad-embeddings` (exit 2) where a file is no such matrix or list, or the counts differ; `bad-name` (exit 2)
 */
export async function readEmbeddingsGallery(sources: EmbeddingSources): Promise<Gallery> {
  const { rows, width, values } = asMatrix(await readArray(sources.embeddings), sources.embeddings);
  const files = await filesOfRows(sources);
  if (files && files.list.length !== rows) {
    throw badInput(
      'bad-embeddings',
      `${sources.embeddings} has ${rows} rows, ${files.from} has ${files.list.length} photos`,
      'both must list the same photos in the same order',
    );
  }
  const entries = Array.from({ length: rows }, (_, row): GalleryEntry => {
    const file = files?.list[row] ?? `row ${row}`;
    return {
      name: files ? personName(nameOfFile(file) ?? file, `${files.from}, row ${row}`) : file,
      file,
      embedding: values.subarray(row * width, (row + 1) * width),
    };
  });
  return { entries, skipped: [], notes: [] };
}

async function filesOfRows(sources: EmbeddingSources): Promise<{ list: string[]; from: string } | null> {
  if (sources.filenames) {
    const tensor = await readArray(sources.filenames);
    if (!Array.isArray(tensor.data) || tensor.shape.length !== 1) {
      throw badInput(
        'bad-embeddings',
        `${sources.filenames} is no list of strings`,
        'save it as a numpy string array: np.save(F, np.array(paths))',
      );
    }
    return { list: tensor.data, from: sources.filenames };
  }
  if (!sources.gallery) return null;
  return { list: (await walkGallery(sources.gallery)).filter(isPhotoName), from: sources.gallery };
}

function asMatrix(tensor: Tensor, file: string): { rows: number; width: number; values: Float32Array } {
  const { data, shape } = tensor;
  if (!(data instanceof Float32Array || data instanceof Float64Array) || shape.length !== 2) {
    throw badInput(
      'bad-embeddings',
      `${file} is ${tensor.dtype} [${shape.join(', ')}]; embeddings are a float32 or float64 matrix, one row a photo`,
      matrixHint(tensor),
    );
  }
  if (data.length === 0) throw badInput('bad-embeddings', `${file} has no row to compare with`);
  const [rows, width] = shape as [number, number];
  const values = data instanceof Float32Array ? data : Float32Array.from(data);
  for (let row = 0; row < rows; row++) {
    const fault = embeddingFault(values.subarray(row * width, (row + 1) * width));
    if (fault) {
      throw badInput(
        'bad-embeddings',
        `${file}: row ${row} ${fault}`,
        'embed its photo again, or leave the row out',
      );
    }
  }
  return { rows, width, values };
}

/** How numpy makes such a matrix of what was given: nothing is converted in silence, since integers may be quantised. */
function matrixHint({ dtype, shape }: Tensor): string {
  if (dtype === 'string' || dtype === 'bool') return 'name the file of the embeddings';
  if (shape.length === 2) return 'where its values are the embeddings: np.save(path, a.astype(np.float32))';
  return shape.length === 1
    ? 'one embedding is a row: np.save(path, a.reshape(1, -1).astype(np.float32))'
    : 'one row a photo: np.save(path, a.reshape(len(a), -1).astype(np.float32))';
}

/** What keeps an embedding from being compared; null where nothing does. */
export function embeddingFault(embedding: Float32Array): string | null {
  if (!embedding.every(Number.isFinite)) return 'has a value that is not finite';
  return embedding.some((value) => value !== 0) ? null : 'is zero: it has no direction to compare';
}

async function readArray(file: string): Promise<Tensor> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw badInput('bad-embeddings', `${file} ${reason}`, 'give a .npy file', error);
  }
  return readNpy(bytes, file);
}
