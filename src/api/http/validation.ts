import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';

/** A part of a request that does not fit its schema. Fastify adds which part: `validationContext`. */
export class SchemaMismatch extends Error {
  override readonly name = 'SchemaMismatch';
  readonly mismatch: z.core.$ZodError;
  readonly validationContext?: string;

  constructor(mismatch: z.core.$ZodError) {
    super('the request does not fit its schema');
    this.mismatch = mismatch;
  }
}

/** Validates with the contract's schemas and passes on what they make of the input: defaults, numbers, times. */
export const compileValidator: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (data: unknown) => {
    const parsed = schema.safeParse(data);
    return parsed.success ? { value: parsed.data } : { error: new SchemaMismatch(parsed.error) };
  };
