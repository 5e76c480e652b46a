// Python's order of texts.

/** Compares by code point, as Python sorts; JavaScript's own order goes by UTF-16 unit. */
export function byCodePoint(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (left === right) continue;
    const surrogates = (left & 0xf800) === 0xd800 || (right & 0xf800) === 0xd800;
    return surrogates ? codePointAround(a, index) - codePointAround(b, index) : left - right;
  }
  return a.length - b.length;
}

/** The code point that the unit at `index` belongs to. */
function codePointAround(text: string, index: number): number {
  const low = (text.charCodeAt(index) & 0xfc00) === 0xdc00;
  const high = index > 0 && (text.charCodeAt(index - 1) & 0xfc00) === 0xd800;
  return text.codePointAt(low && high ? index - 1 : index) as number;
}
