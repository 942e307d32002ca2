import type { Containment } from '#contract/resources/session.ts';
import type { Output } from './output.ts';

/** As `sysexits.h`: try again. Somebody's session may still run. */
const EX_TEMPFAIL = 75;

/** Tells how far a containment got; returns the exit code. */
export function describeContainment(
  containment: Containment,
  output: Output,
  before: readonly string[],
  value: unknown = containment,
): number {
  const { state, cut, unconfirmed } = containment;
  const count = cut.length === 1 ? '1 session was' : `${cut.length} sessions were`;
  output.show(value, [
    ...before,
    state === 'contained'
      ? `${output.good('contained')}: ${count} ended, none is left.`
      : `${output.bad('NOT CONFIRMED')}${unconfirmed.length === 0 ? '' : ` by ${unconfirmed.join(', ')}`}: ${count} ended, others may still run.`,
  ]);
  return state === 'contained' ? 0 : EX_TEMPFAIL;
}
