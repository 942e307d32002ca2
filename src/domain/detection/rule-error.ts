import { PortcullisError } from '#contract/errors.ts';

/** A mistake in a rule. The place is `file:line` or `file` and the rule's title. */
export function ruleError(place: string, message: string): PortcullisError {
  return new PortcullisError('E_RULE', `${place}: ${message}`);
}

/** Something Sigma knows and this engine does not yet. */
export function unsupported(place: string, what: string, instead: string): PortcullisError {
  return new PortcullisError('E_UNSUPPORTED', `${place}: ${what} is not supported yet; ${instead}`);
}
