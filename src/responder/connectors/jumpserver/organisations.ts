import type { ApiClient } from './client.ts';
import { type ProfileItem, ProfileItem as Profile, readAs } from './shapes.ts';

/** Sees all others, for who may. */
export const ROOT = '00000000-0000-0000-0000-000000000000';
const DEFAULT = '00000000-0000-0000-0000-000000000002';

const KEPT_MS = 60_000;

export interface Standing {
  readonly profile: ProfileItem;
  /** Major version, by the shape of the answer. */
  readonly version: 2 | 3 | 4;
  /** Ids of the organisations to look into. */
  readonly organisations: readonly string[];
}

/** Who we are there and where we look; asked again after a minute. */
export class StandingReader {
  readonly #client: ApiClient;
  readonly #configured: {
    readonly version: 'auto' | 2 | 3 | 4;
    readonly organisations: 'all' | readonly string[];
  };
  readonly #now: () => number;
  #kept: { readonly standing: Standing; readonly untilMs: number } | null = null;

  constructor(
    client: ApiClient,
    configured: { readonly version: 'auto' | 2 | 3 | 4; readonly organisations: 'all' | readonly string[] },
    now: () => number,
  ) {
    this.#client = client;
    this.#configured = configured;
    this.#now = now;
  }

  /** Asks anew what the rest then goes by. Throws ConnectorError. */
  refresh(signal: AbortSignal): Promise<Standing> {
    this.#kept = null;
    return this.read(signal);
  }

  /** Throws ConnectorError. */
  async read(signal: AbortSignal): Promise<Standing> {
    if (this.#kept !== null && this.#now() < this.#kept.untilMs) return this.#kept.standing;
    const { body } = await this.#client.call({
      method: 'GET',
      path: 'users/profile/',
      organisation: ROOT,
      signal,
      isLook: true,
    });
    const profile = readAs(Profile, body, 'users/profile/');
    const { version, organisations } = this.#configured;
    const visible = (profile.console_orgs ?? []).map(({ id }) => id);
    const standing: Standing = {
      profile,
      version: version === 'auto' ? versionOf(profile) : version,
      organisations: organisations === 'all' ? (visible.length === 0 ? [DEFAULT] : visible) : organisations,
    };
    this.#kept = { standing, untilMs: this.#now() + KEPT_MS };
    return standing;
  }
}

/** Nothing there tells the version; the shapes do. */
function versionOf(profile: ProfileItem): 2 | 3 | 4 {
  if (typeof profile.mfa_level !== 'object') return 2;
  return profile.lark_id === undefined ? 3 : 4;
}
