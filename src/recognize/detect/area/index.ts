// What the module exports: each call works on places in its memory that the caller chooses, from `FREE` on.
export { PADDING } from './pixel';
export { pool, poolBytes } from './pool';
export { resize, resizeBytes } from './resize';
export { buildTable, shrink, shrinkBytes, tableBytes } from './sums';

/** Where the part of the memory begins that callers may use. */
export const FREE: usize = __heap_base;
