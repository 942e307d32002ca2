export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';
export type Outcome = 'success' | 'failure' | 'unknown';
