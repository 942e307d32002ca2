import { z } from 'zod';
import type { JsonValue } from '#lib/json.ts';

/** Whatever JSON can hold, as the program has it: read-only. */
export const Json: z.ZodType<JsonValue> = z.json();
