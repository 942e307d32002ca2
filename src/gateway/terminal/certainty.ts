/** What is sure about one of the two screens. */
interface Known {
  cells: boolean;
  cursor: boolean;
  savedCursor: boolean;
}

// oxlint-disable no-control-regex -- escape sequences are what is looked for
const PLACES = /^\u001B\[([0-9;]*)[Hf]$/;
const HOME = /^\u001B\[(?:[01]?;)?[01]?[Hf]$/;
const ERASES_ALL = /^\u001B\[0*2J$/;
const ERASES_BELOW = /^\u001B\[0*J$/;
const SAVES = /^\u001B(?:7|\[s|\[\?1048h)$/;
const RESTORES = /^\u001B(?:8|\[u|\[\?1048l)$/;
const RESTORES_ON_LEAVING = /1049/;
// oxlint-enable no-control-regex

export interface Situation {
  readonly wasAlternate: boolean;
  readonly isAlternate: boolean;
  /** Lines may not simply scroll off the top. */
  readonly isOdd: boolean;
  /** Nothing but barriers since the one before. */
  readonly isDirect: boolean;
}

/**
 * Whether what an emulator shows is what stands on the screen, when output was thrown away unread. It is again
 * after a full reset, after the screen was erased and the cursor placed, and after a screenful of lines; the
 * first screen also when the second is left, and what was thrown away was shown there. Colours and tab stops may
 * still differ.
 */
export class Certainty {
  #main: Known = sure();
  #alternate: Known = sure();
  #wasHome = false;

  /** Nothing was thrown away, or nothing is left of that. */
  get isComplete(): boolean {
    return [this.#main, this.#alternate].every((one) => one.cells && one.cursor && one.savedCursor);
  }

  isSure(alternate: boolean): boolean {
    const { cells, cursor } = this.#of(alternate);
    return cells && cursor;
  }

  /** Output was thrown away; all of it was on the second screen, or not. */
  lost(onAlternateOnly: boolean): void {
    this.#alternate = { cells: false, cursor: false, savedCursor: false };
    if (!onAlternateOnly) this.#main = { cells: false, cursor: false, savedCursor: false };
  }

  /** Something was not carried out. */
  refused(alternate: boolean): void {
    const known = this.#of(alternate);
    known.cells = false;
    known.cursor = false;
  }

  /** So many lines were shown that nothing is left of what was before. */
  screenful(alternate: boolean): void {
    const known = this.#of(alternate);
    known.cells = true;
    known.cursor = true;
  }

  /** What comes next may not follow directly. */
  paused(): void {
    this.#wasHome = false;
  }

  apply(barrier: string, situation: Situation): void {
    const { wasAlternate, isAlternate, isOdd, isDirect } = situation;
    if (barrier === '\u001Bc') {
      this.#main = sure();
      this.#alternate = sure();
    }
    if (wasAlternate !== isAlternate) this.#changed(barrier, isAlternate);
    const known = this.#of(isAlternate);
    if (PLACES.test(barrier)) known.cursor = true;
    if (ERASES_ALL.test(barrier)) known.cells = true;
    if (ERASES_BELOW.test(barrier) && this.#wasHome && isDirect && !isOdd) known.cells = true;
    if (SAVES.test(barrier)) known.savedCursor = known.cursor;
    if (RESTORES.test(barrier)) known.cursor = known.savedCursor;
    this.#wasHome = HOME.test(barrier);
  }

  #changed(barrier: string, isAlternate: boolean): void {
    const main = this.#main;
    if (isAlternate) {
      if (RESTORES_ON_LEAVING.test(barrier)) main.savedCursor = main.cursor;
      // It begins empty, with the cursor where it was.
      const { savedCursor } = this.#alternate;
      this.#alternate = { cells: true, cursor: main.cursor, savedCursor };
    } else if (RESTORES_ON_LEAVING.test(barrier)) main.cursor = main.savedCursor;
    else main.cursor &&= this.#alternate.cursor;
  }

  #of(alternate: boolean): Known {
    return alternate ? this.#alternate : this.#main;
  }
}

function sure(): Known {
  return { cells: true, cursor: true, savedCursor: true };
}
