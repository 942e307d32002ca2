import { explainLine, type LineExplanation } from '#domain/normalise/explain-line.ts';
import type { LogSourceTypes } from '#domain/normalise/log-source-types.ts';
import { readMessage } from '#domain/syslog/read-message.ts';
import type { LocalToUtc } from '#domain/syslog/zone.ts';
import type { Sources } from './sources/sources.ts';

export interface ExplainRequest {
  readonly lines: readonly string[];
  /** Where they would have come from. */
  readonly address: string;
}

export interface ExplainedLine extends LineExplanation {
  readonly line: string;
  readonly source: {
    readonly name: string;
    readonly realm: string;
    readonly confirmed: boolean;
    /** False for one that was never seen. */
    readonly known: boolean;
  };
}

export interface ExplainContext {
  readonly types: LogSourceTypes;
  readonly sources: Pick<Sources, 'find'>;
  readonly zone: LocalToUtc;
  readonly nowMs: number;
}

/** What would become of lines if they came now, and why. Stores nothing. */
export function explainLines(
  { lines, address }: ExplainRequest,
  { types, sources, zone, nowMs }: ExplainContext,
): readonly ExplainedLine[] {
  return lines.map((line) => {
    const peer = { address, port: 0, transport: 'udp' } as const;
    const message = readMessage(line, { peer, receivedAtMs: nowMs, zone, untruncatedSize: null });
    const { name, isConfirmed, isListed, origins } = sources.find(message);
    const { realm } = origins.udp;
    return {
      line,
      source: { name, realm, confirmed: isConfirmed, known: isListed },
      ...explainLine(types, message, origins.udp),
    };
  });
}
