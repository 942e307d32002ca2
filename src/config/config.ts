import type { LogLevel } from '#lib/log.ts';

/** A socket address from the configuration. Port 0 asks the system for a free port. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface MailConfig {
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
  readonly user: string | null;
  readonly passwordFile: string | null;
  readonly from: string;
  readonly responders: readonly string[];
  readonly language: 'en' | 'zh';
  readonly caFile: string | null;
}

export interface ConnectorConfig {
  readonly name: string;
  readonly kind: 'jumpserver';
  /** Without a slash at the end. */
  readonly url: string;
  readonly caFile: string | null;
  readonly dangerouslyAcceptAnyCertificate: boolean;
  readonly credential:
    | { readonly kind: 'token'; readonly file: string }
    | { readonly kind: 'access-key'; readonly id: string; readonly file: string };
  readonly version: 'auto' | 2 | 3 | 4;
  readonly organisations: 'all' | readonly string[];
  readonly breakGlassUsers: readonly string[];
}

/**
 * The configuration, checked and frozen: durations in milliseconds, sizes in bytes, paths absolute. It holds
 * no secret; those are in `Secrets`.
 */
export interface Config {
  readonly dataDir: string;
  readonly logLevel: LogLevel;
  readonly ssh: {
    readonly listen: readonly ListenAddress[];
    readonly banner: string;
    readonly allowUsers: readonly string[];
    readonly blockUsers: readonly string[];
    readonly trustedProxies: readonly string[];
    readonly environment: readonly string[];
  };
  readonly http: {
    readonly listen: readonly ListenAddress[];
    readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
    readonly trustedProxies: readonly string[];
    /** Without a slash at the end. */
    readonly publicUrl: string | null;
    readonly jumpserverVersion: 3 | 4;
  };
  readonly mail: MailConfig | null;
  readonly limits: {
    readonly idleMs: number;
    readonly sessionMs: number;
    readonly webIdleMs: number;
    readonly webSessionMs: number;
    readonly loginGraceMs: number;
    readonly authenticationTries: number;
    readonly pendingConnections: number;
    readonly connectionsPerAddress: number;
    readonly connectTimeoutMs: number;
  };
  readonly retention: {
    readonly eventsMs: number;
    readonly recordingsMs: number;
    readonly journalMs: number;
    readonly reserveBytes: number;
  };
  /** Syslog; without an address nothing listens. */
  readonly intake: {
    readonly udp: readonly ListenAddress[];
    readonly tcp: readonly ListenAddress[];
    readonly tls: readonly ListenAddress[];
    readonly certificate: { readonly certFile: string; readonly keyFile: string } | null;
    readonly clientCaFile: string | null;
    /** Empty: everybody. */
    readonly allowFrom: readonly string[];
    readonly trustedProxies: readonly string[];
    /** Folders. */
    readonly types: readonly string[];
    readonly framing: 'auto' | 'lf' | 'nul' | 'counted';
    /** IANA name or offset. */
    readonly zone: string;
    readonly udpSockets: number;
    readonly datagramBytes: number;
    readonly messageBytes: number;
    readonly connections: number;
    readonly idleMs: number;
  };
  readonly archive: {
    readonly url: string | null;
    readonly user: string | null;
    readonly passwordFile: string | null;
    readonly memoryBytes: number;
  };
  readonly state: { readonly url: string | null; readonly passwordFile: string | null };
  readonly vault: {
    readonly keyFile: string;
    /** True when the file was named in the configuration, so its absence is a mistake and not a first start. */
    readonly keyFileConfigured: boolean;
  };
  readonly recovery: {
    readonly linkLifetimeMs: number;
    readonly mailsPerHour: number;
    readonly secondPerson: boolean;
  };
  readonly detection: {
    readonly rules: readonly string[];
    readonly playbooks: readonly string[];
    /** By the name or id of a rule; stands above what its file says. */
    readonly modes: Readonly<Record<string, 'off' | 'shadow' | 'approve' | 'auto'>>;
    /** IANA name. */
    readonly timeZone: string;
    readonly quietMs: number;
    readonly breakGlassUsers: readonly string[];
    readonly breakGlassAddresses: readonly string[];
    readonly lockoutsPer10Minutes: number;
  };
  readonly connectors: readonly ConnectorConfig[];
}
