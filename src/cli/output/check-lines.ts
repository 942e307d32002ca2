import type { DoctorCheck } from '#contract/resources/doctor-report.ts';
import type { Output } from './output.ts';

/** A finding and, below it, what to do about it. */
export function checkLines({ name, status, detail, advice }: DoctorCheck, output: Output): readonly string[] {
  const mark = { ok: output.good('ok'), warning: output.caution('WARNING'), failure: output.bad('FAILURE') }[
    status
  ];
  return [`${mark}  ${name}: ${detail}`, ...(advice === null ? [] : [`    ${advice}`])];
}
