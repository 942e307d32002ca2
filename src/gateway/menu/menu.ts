import type { Language } from '#contract/resources/user.ts';
import { printable } from '#lib/printable.ts';
import { MenuKeys, type MenuKey } from './menu-keys.ts';
import { clearScreen, drawMenu, drawText, FRAME_ROWS, type MenuRow } from './menu-screen.ts';
import { menuTexts, type MenuTexts } from './menu-texts.ts';

export interface MenuOptions {
  readonly assets: readonly { readonly asset: string; readonly accounts: readonly string[] }[];
  readonly language: Language;
  readonly columns: number;
  readonly rows: number;
}

export interface MenuAnswer {
  /** To be written to the terminal as it is. */
  readonly output: string;
  readonly choice?: { readonly asset: string; readonly account: string };
  /** To set up an authenticator. */
  readonly wantsSecondFactor?: true;
  readonly quit?: true;
}

/** A terminal in which a person chooses an asset and an account. Pure: bytes in, text out. */
export interface Menu {
  start(): string;
  input(bytes: Uint8Array): MenuAnswer;
  resize(columns: number, rows: number): string;
}

export function createMenu(options: MenuOptions): Menu {
  return new AssetMenu(options);
}

type Entry = MenuOptions['assets'][number];
type View =
  | { readonly shows: 'assets' }
  | { readonly shows: 'accounts'; readonly entry: Entry }
  | { readonly shows: 'help' };

const MAX_INPUT = 64;
const ASSETS: View = { shows: 'assets' };

class AssetMenu implements Menu {
  readonly #entries: readonly Entry[];
  readonly #texts: MenuTexts;
  readonly #keys = new MenuKeys();
  #columns: number;
  #rows: number;
  #view: View = ASSETS;
  #filter = '';
  #input = '';
  /** Index into the list shown. */
  #marked = 0;
  #note = '';

  constructor(options: MenuOptions) {
    this.#entries = options.assets;
    this.#texts = menuTexts(options.language);
    this.#columns = options.columns;
    this.#rows = options.rows;
  }

  start(): string {
    this.#view = ASSETS;
    this.#filter = '';
    this.#clearInput();
    return this.#draw();
  }

  resize(columns: number, rows: number): string {
    this.#columns = columns;
    this.#rows = rows;
    return this.#draw();
  }

  input(bytes: Uint8Array): MenuAnswer {
    for (const key of this.#keys.read(bytes)) {
      const answer = this.#press(key);
      if (answer !== undefined) return answer;
    }
    return { output: this.#draw() };
  }

  #press(key: MenuKey): MenuAnswer | undefined {
    switch (key.key) {
      case 'text':
        this.#setInput((this.#input + key.text).slice(0, MAX_INPUT));
        return undefined;
      case 'erase':
        this.#setInput(Array.from(this.#input).slice(0, -1).join(''));
        return undefined;
      case 'eraseWord':
        this.#setInput(this.#input.replace(/\S*\s*$/u, ''));
        return undefined;
      case 'eraseAll':
        this.#setInput('');
        return undefined;
      case 'escape':
        this.#back();
        return undefined;
      case 'end':
        return this.#input === '' ? this.#quit() : undefined;
      case 'redraw':
        return undefined;
      case 'enter':
        return this.#enter();
      case 'up':
        this.#move(-1);
        return undefined;
      case 'down':
        this.#move(1);
        return undefined;
      case 'pageUp':
        this.#move(-this.#pageSize);
        return undefined;
      case 'pageDown':
        this.#move(this.#pageSize);
        return undefined;
      case 'first':
        this.#marked = 0;
        return undefined;
      case 'last':
        this.#marked = Math.max(0, this.#count - 1);
        return undefined;
      default:
        return key satisfies never;
    }
  }

  #enter(): MenuAnswer | undefined {
    const text = this.#input.trim();
    if (this.#view.shows === 'help') {
      this.#view = ASSETS;
      this.#clearInput();
      return undefined;
    }
    switch (text.toLowerCase()) {
      case '':
        return this.#select(this.#marked);
      case 'q':
      case 'quit':
      case 'exit':
        return this.#quit();
      case 'h':
      case '?':
        this.#view = { shows: 'help' };
        this.#clearInput();
        return undefined;
      case 'mfa':
        this.#clearInput();
        return { output: clearScreen(), wantsSecondFactor: true };
      case 'n':
        this.#clearInput();
        this.#move(this.#pageSize);
        return undefined;
      case 'p':
        this.#clearInput();
        this.#move(-this.#pageSize);
        return undefined;
      case 'b':
        this.#back();
        return undefined;
      default:
        return /^\d+$/.test(text) ? this.#selectNumber(text) : this.#search(text);
    }
  }

  #selectNumber(text: string): MenuAnswer | undefined {
    const index = Number(text) - 1;
    if (index >= 0 && index < this.#count) return this.#select(index);
    this.#clearInput();
    this.#note = this.#texts.noSuchNumber(text);
    return undefined;
  }

  #search(text: string): MenuAnswer | undefined {
    if (this.#view.shows === 'accounts') {
      const at = this.#view.entry.accounts.findIndex(
        (account) => account.toLowerCase() === text.toLowerCase(),
      );
      return at >= 0 ? this.#select(at) : undefined;
    }
    const filter = searchText(text);
    this.#clearInput();
    this.#marked = 0;
    this.#filter = filter;
    const found = this.#found;
    const exact = found.findIndex(({ asset }) => asset.toLowerCase() === filter.toLowerCase());
    if (exact >= 0) return this.#select(exact);
    if (found.length === 1) return this.#select(0);
    if (found.length === 0) this.#note = this.#texts.noMatch(printable(filter, MAX_INPUT));
    return undefined;
  }

  #select(index: number): MenuAnswer | undefined {
    if (this.#view.shows === 'accounts') {
      const account = this.#view.entry.accounts[index];
      return account === undefined ? undefined : this.#choose(this.#view.entry.asset, account);
    }
    const entry = this.#found[index];
    if (entry === undefined) {
      this.#filter = '';
      this.#clearInput();
      this.#marked = 0;
      return undefined;
    }
    const [only, ...others] = entry.accounts;
    if (only !== undefined && others.length === 0) return this.#choose(entry.asset, only);
    this.#view = { shows: 'accounts', entry };
    this.#clearInput();
    this.#marked = 0;
    return undefined;
  }

  #choose(asset: string, account: string): MenuAnswer {
    this.#clearInput();
    const words = this.#texts.connecting(printable(account, 64), printable(asset, 64));
    return { output: `${clearScreen()}${words}\r\n`, choice: { asset, account } };
  }

  #quit(): MenuAnswer {
    return { output: `${clearScreen()}${this.#texts.goodbye}\r\n`, quit: true };
  }

  #back(): void {
    if (this.#view.shows === 'assets' && this.#input === '') this.#filter = '';
    this.#view = ASSETS;
    this.#clearInput();
    this.#marked = 0;
  }

  #move(by: number): void {
    this.#marked = Math.min(Math.max(0, this.#count - 1), Math.max(0, this.#marked + by));
  }

  #setInput(text: string): void {
    // Another list: the mark starts at its top. Numbers and commands change nothing yet.
    if (liveSearch(text) !== liveSearch(this.#input)) this.#marked = 0;
    this.#input = text;
    this.#note = '';
  }

  #clearInput(): void {
    this.#setInput('');
  }

  /** Assets that fit the search, the one being typed included: the list follows every key. */
  get #found(): readonly Entry[] {
    const typed = this.#view.shows === 'assets' ? liveSearch(this.#input) : '';
    const wanted = (typed === '' ? this.#filter : typed).toLowerCase();
    if (wanted === '') return this.#entries;
    return this.#entries.filter(({ asset, accounts }) =>
      [asset, ...accounts].some((name) => name.toLowerCase().includes(wanted)),
    );
  }

  get #count(): number {
    return this.#view.shows === 'accounts' ? this.#view.entry.accounts.length : this.#found.length;
  }

  get #pageSize(): number {
    return Math.max(1, this.#rows - FRAME_ROWS);
  }

  #draw(): string {
    const texts = this.#texts;
    if (this.#view.shows === 'help')
      return drawText(texts.title, [...texts.help, '', texts.anyKey], this.#columns, this.#rows);
    const isAssets = this.#view.shows === 'assets';
    const cells = this.#cells();
    const size = this.#pageSize;
    const page = Math.floor(this.#marked / size);
    const rows = cells.slice(page * size, (page + 1) * size).map((row, index): MenuRow => ({
      number: page * size + index + 1,
      cells: row,
      marked: page * size + index === this.#marked,
    }));
    const note = this.#note === '' ? this.#listNote(cells.length, page, size) : this.#note;
    return drawMenu(
      {
        title: isAssets
          ? texts.title
          : texts.accountsOf(this.#view.shows === 'accounts' ? printable(this.#view.entry.asset, 64) : ''),
        headings: isAssets ? [texts.number, texts.asset, texts.accounts] : [texts.number, texts.account],
        rows,
        space: size,
        notes: [note, isAssets ? texts.hint : texts.accountHint],
        prompt: texts.prompt,
        input: this.#input,
      },
      this.#columns,
    );
  }

  #cells(): readonly (readonly string[])[] {
    if (this.#view.shows === 'accounts')
      return this.#view.entry.accounts.map((account) => [printable(account, 64)]);
    return this.#found.map(({ asset, accounts }) => [
      printable(asset, 64),
      accounts.map((account) => printable(account, 64)).join(', '),
    ]);
  }

  #listNote(total: number, page: number, size: number): string {
    if (this.#entries.length === 0) return this.#texts.none;
    const shown = liveSearch(this.#input) || this.#filter;
    if (total === 0) return this.#texts.noMatch(printable(shown, MAX_INPUT));
    return this.#texts.page(page + 1, Math.max(1, Math.ceil(total / size)), total);
  }
}

/** What is being searched for while it is typed: numbers and the letters of commands are not. */
function liveSearch(input: string): string {
  const text = input.trim();
  if (/^\d+$/.test(text) || /^(?:[nphqb?]|mfa)$/i.test(text)) return '';
  return searchText(text);
}

function searchText(text: string): string {
  return text.startsWith('/') ? text.slice(1).trim() : text;
}
