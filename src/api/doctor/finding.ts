import type { DoctorCheck } from '#contract/resources/doctor-report.ts';

export const good = (name: string, detail: string): DoctorCheck => ({
  name,
  status: 'ok',
  detail,
  advice: null,
});

export const warning = (name: string, detail: string, advice: string): DoctorCheck => ({
  name,
  status: 'warning',
  detail,
  advice,
});

export const failure = (name: string, detail: string, advice: string): DoctorCheck => ({
  name,
  status: 'failure',
  detail,
  advice,
});
