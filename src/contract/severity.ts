/** From the lightest to the gravest. */
export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];
export type Outcome = 'success' | 'failure' | 'unknown';
