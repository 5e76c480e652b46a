// Photos that stand under more than one name as the same face: one of the names is wrong.
import type { GallerySkip } from '../gallery/gallery.ts';
import { intersectionOverUnion } from '../overlap.ts';
import type { Connection } from './database.ts';

/** Overlap, of the union of both, from which two boxes on a photo are one face. */
const SAME_FACE = 0.5;

/** A photo of somebody that is in the gallery now. */
export interface KeptPhoto {
  /** As it is called in messages. */
  file: string;
  name: string;
  content: string;
}

interface Keeper {
  content: string;
  name: string;
  box: readonly number[] | null;
}

/**
 * A remark on each photo that other people of the tenant have too. Two people on one group photo, each with a box of their
 * own, are none. Rows of embeddings have no photo to compare.
 *
 * @param told contents that were remarked on before, and now those of this call too
 */
export async function remarksOnShared(
  connection: Connection,
  tenant: string,
  photos: readonly KeptPhoto[],
  told = new Set<string>(),
): Promise<GallerySkip[]> {
  const asked = photos.filter(({ content }) => !content.startsWith('row:') && !told.has(content));
  const keepersOf = await keepersOfShared(connection, tenant, [
    ...new Set(asked.map(({ content }) => content)),
  ]);
  return asked.flatMap(({ file, name, content }) => {
    const keepers = keepersOf.get(content) ?? [];
    const own = keepers.find((keeper) => keeper.name === name)?.box ?? null;
    const others = keepers.filter((keeper) => keeper.name !== name && isSameFace(keeper.box, own));
    if (others.length === 0 || told.has(content)) return [];
    told.add(content);
    const names = others.map((other) => other.name).join(', ');
    const reason = `is also kept as ${names}; if one is wrong: tk gallery remove NAME --photo ${content}`;
    return [{ file, reason }];
  });
}

/** Who has these photos, of those that several have. */
async function keepersOfShared(
  connection: Connection,
  tenant: string,
  contents: readonly string[],
): Promise<Map<string, Keeper[]>> {
  const keepersOf = new Map<string, Keeper[]>();
  if (contents.length === 0) return keepersOf;
  const rows = await connection.query<Omit<Keeper, 'box'> & { box: string | null }>(
    `select given.content, person.name, to_json(face.box)::text as box
     from unnest($2::text[]) as given (content)
     cross join lateral (
       select id, person_id, count(*) over () as keepers from tk_gallery.photo
       where photo.tenant = $1 and photo.content = given.content
     ) as photo
     cross join lateral (
       select name from tk_gallery.person where person.tenant = $1 and person.id = photo.person_id limit 1
     ) as person
     left join lateral (
       select box from tk_gallery.face
       where face.tenant = $1 and face.photo_id = photo.id and face.box is not null order by model_id limit 1
     ) as face on true
     where photo.keepers > 1
     order by photo.id`,
    [tenant, contents],
  );
  for (const { content, name, box } of rows) {
    const keeper = { content, name, box: box === null ? null : (JSON.parse(box) as number[]) };
    keepersOf.set(content, [...(keepersOf.get(content) ?? []), keeper]);
  }
  return keepersOf;
}

function isSameFace(a: readonly number[] | null, b: readonly number[] | null): boolean {
  return a === null || b === null || intersectionOverUnion(a, b) >= SAME_FACE;
}
