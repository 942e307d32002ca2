import type { Language } from '#contract/resources/user.ts';

export interface MenuChoice {
  readonly asset: string;
  readonly account: string;
}

export interface MenuAnswer {
  readonly output: string;
  readonly choice?: MenuChoice;
  readonly quit?: true;
}

/** A terminal in which a person chooses an asset and an account. Pure: bytes in, text out. */
export interface Menu {
  start(): string;
  input(bytes: Buffer): MenuAnswer;
  resize(columns: number, rows: number): string;
}

export interface MenuOptions {
  readonly assets: readonly { readonly asset: string; readonly accounts: readonly string[] }[];
  readonly language: Language;
  readonly columns: number;
  readonly rows: number;
}

export type OpenMenu = (options: MenuOptions) => Menu;
