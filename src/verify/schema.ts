// The JSON Schema of what `tk verify --json` prints: made from the record's own schema by scripts/schemas.mjs. Never
// loaded by the command.
import { z } from 'zod';
import { PARITY_SCHEMA_VERSION, paritySchema } from '../formats/output/parity.ts';

/** The JSON Schema (draft 2020-12). Fields may be added without a new version, so others than these are allowed. */
export function verifySchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `tk verify --json, schemaVersion ${PARITY_SCHEMA_VERSION}`,
    ...z.toJSONSchema(paritySchema, { io: 'input' }),
  };
}
