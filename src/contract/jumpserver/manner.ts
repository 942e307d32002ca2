import { nameKey } from '../names.ts';

/** How the dialect is spoken to one caller. */
export interface Manner {
  /** The major version whose shapes the caller expects. */
  readonly version: 3 | 4;
  /** A moment as text, `2024/10/01 16:00:00 +0800`, from epoch milliseconds. */
  readonly date: (timeMs: number) => string;
}

/** Names as people read them. What is not known (any more) is written by the name alone. */
export interface DisplayNames {
  /** `Alice Li(alice)`. */
  readonly user: (username: string) => string;
  /** `web01(10.0.0.5)`. */
  readonly asset: (name: string) => string;
}

/** `Alice Li(alice)`: the form in which users, assets and accounts are written inside other objects. */
export function displayText(name: string, identifier: string): string {
  return `${name === '' ? identifier : name}(${identifier})`;
}

/** Whether `Alice Li(alice)` is who was asked for: by the whole text, or by what stands at one side of the bracket. */
export function isNamed(display: string, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const key = nameKey(wanted);
  const [, name = '', identifier = ''] = /^(.*)\(([^()]*)\)$/su.exec(nameKey(display)) ?? [];
  return key === nameKey(display) || (key !== '' && (key === name || key === identifier));
}

/** The one organisation that the community edition has. */
export const ORGANISATION = { id: '00000000-0000-0000-0000-000000000002', name: 'Default' } as const;
