import { z } from 'zod';

/** A choice as versions 3 and 4 write it. Programs compare `value`; `label` is for people and may change. */
export const choiceOf = <T extends z.ZodType>(value: T): z.ZodObject<{ value: T; label: z.ZodString }> =>
  z.object({ value, label: z.string() });

export interface Choice<T> {
  value: T;
  label: string;
}

export const choice = <T>(value: T, label: string): Choice<T> => ({ value, label });
