import type { Transport } from '#contract/event-origin.ts';

/** Who sent it: behind a trusted proxy the client that the proxy names. */
export interface SyslogPeer {
  /** In the one text form of `#lib/ip-text.ts`. */
  readonly address: string;
  readonly port: number;
  readonly transport: Transport;
}

/** Elements by their id, parameters by their name (RFC 5424 section 6.3). Of equal names the last one stays. */
export type StructuredData = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** One syslog message, its header taken apart as far as it has one. Nothing in it is proven. */
export interface SyslogMessage {
  /**
   * The frame as it came, without what ends it (LF, CR LF, NUL). Bytes that are not UTF-8 are kept as `\xHH`; what
   * senders escaped (`#012`) stays escaped.
   */
  readonly raw: string;
  /** Epoch milliseconds. */
  readonly receivedAtMs: number;
  readonly peer: SyslogPeer;
  /** 0 to 23; null without a priority. */
  readonly facility: number | null;
  /** 0 (emergency) to 7 (debug); null without a priority. */
  readonly severity: number | null;
  /** What the header says, epoch milliseconds; null when it says no time that can be read. */
  readonly timeMs: number | null;
  /** What of that time the header left open: then it is the nearest year, or the zone of the listener. */
  readonly timeGuessed: { readonly year: boolean; readonly zone: boolean };
  readonly hostname: string | null;
  /** The tag of RFC 3164, the APP-NAME of RFC 5424. */
  readonly appName: string | null;
  readonly procId: string | null;
  readonly msgId: string | null;
  readonly structuredData: StructuredData | null;
  /** What follows the header. A word that may or may not be the tag stays in it. */
  readonly body: string;
  readonly format: 'rfc5424' | 'rfc3164' | 'none';
  readonly isTruncated: boolean;
  /** Bytes that the frame had before it was cut; null when it was not. */
  readonly untruncatedSize: number | null;
}
