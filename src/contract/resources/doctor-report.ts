import { z } from 'zod';

export const DoctorCheck = z.object({
  name: z.string(),
  status: z.enum(['ok', 'warning', 'failure']),
  /** What was found. */
  detail: z.string(),
  /** What to do about it; null when nothing is to be done. */
  advice: z.string().nullable(),
});
export type DoctorCheck = z.infer<typeof DoctorCheck>;

export const DoctorReport = z.object({ healthy: z.boolean(), checks: z.array(DoctorCheck) });
export type DoctorReport = z.infer<typeof DoctorReport>;
