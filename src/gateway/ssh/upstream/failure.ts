import type { Messages } from '../messages.ts';

/** Each way in which a connection to an asset can fail. Words are stable: they are in events and rows. */
export type UpstreamFailureCode =
  | 'name_not_resolved'
  | 'connection_refused'
  | 'unreachable'
  | 'timed_out'
  | 'not_ssh'
  | 'no_common_algorithm'
  | 'host_key_unknown'
  | 'host_key_changed'
  | 'authentication_failed'
  | 'no_secret'
  | 'vault_failed'
  | 'channel_refused'
  | 'connection_lost'
  | 'aborted';

export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  readonly code: UpstreamFailureCode;

  constructor(code: UpstreamFailureCode, detail: string, cause?: unknown) {
    super(detail, cause === undefined ? {} : { cause });
    this.code = code;
  }
}

const DIAL_CODES: Readonly<Record<string, UpstreamFailureCode>> = {
  ENOTFOUND: 'name_not_resolved',
  EAI_AGAIN: 'name_not_resolved',
  EAI_FAIL: 'name_not_resolved',
  ECONNREFUSED: 'connection_refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EINVAL: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  ETIMEDOUT: 'timed_out',
};

/** Reads what a socket or ssh2 reported. `connected` tells whether TCP had been established. */
export function classifyFailure(error: unknown, connected: boolean): UpstreamFailure {
  if (error instanceof UpstreamFailure) return error;
  const { code, level, message } = describe(error);
  if (!connected) {
    const dial = DIAL_CODES[code];
    if (dial !== undefined) return new UpstreamFailure(dial, message, error);
  }
  if (level === 'client-authentication') return new UpstreamFailure('authentication_failed', message, error);
  if (level === 'client-timeout') return new UpstreamFailure('timed_out', message, error);
  if (/no matching/i.test(message)) return new UpstreamFailure('no_common_algorithm', message, error);
  if (level === 'handshake' || level === 'protocol') return new UpstreamFailure('not_ssh', message, error);
  return new UpstreamFailure(connected ? 'connection_lost' : 'unreachable', message, error);
}

function describe(error: unknown): { code: string; level: string; message: string } {
  if (!(error instanceof Error)) return { code: '', level: '', message: String(error) };
  const { code, level } = error as { readonly code?: unknown; readonly level?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    level: typeof level === 'string' ? level : '',
    message: error.message,
  };
}

/** What the person reads. */
export function failureMessage(
  messages: Messages,
  code: UpstreamFailureCode,
  asset: string,
  account: string,
): string {
  switch (code) {
    case 'name_not_resolved':
      return messages.nameNotResolved(asset);
    case 'connection_refused':
      return messages.connectionRefused(asset);
    case 'unreachable':
      return messages.unreachable(asset);
    case 'timed_out':
      return messages.connectTimedOut(asset);
    case 'not_ssh':
      return messages.notSsh(asset);
    case 'no_common_algorithm':
      return messages.noCommonAlgorithm(asset);
    case 'host_key_unknown':
      return messages.hostKeyUnknown(asset);
    case 'host_key_changed':
      return messages.hostKeyChanged(asset);
    case 'authentication_failed':
      return messages.assetAuthenticationFailed(asset, account);
    case 'no_secret':
      return messages.noSecret(asset, account);
    case 'vault_failed':
      return messages.vaultFailed(asset, account);
    case 'channel_refused':
      return messages.channelRefusedByAsset(asset);
    case 'connection_lost':
    case 'aborted':
      return messages.connectionLost(asset);
    default:
      return code satisfies never;
  }
}
