import { Session } from 'chdb';

/** A connection to the engine: one statement at a time. */
interface Connection {
  readonly session: Session;
  /** Settings and parameters that earlier statements left on it. */
  readonly assigned: ReadonlySet<string>;
}

const MOST_IDLE = 4;

/**
 * Connections to one engine. Two properties of it are answered here. A statement that fails half-way leaves
 * its output to head the next result on the same connection: after any failure the connection is thrown away.
 * Settings stay on a connection: it is used again only by a statement that sets them all anew.
 */
export class EngineSessions implements Disposable {
  readonly #open: () => Session;
  /** Held open for as long as the engine lives: the last connection to close takes the engine with it. */
  readonly #anchor: Session;
  readonly #idle: Connection[] = [];
  readonly #busy = new Set<Connection>();

  /** Opens the engine's files; throws when another process has them. */
  constructor(path: string, connectionArgs: readonly string[]) {
    this.#open = () => new Session(path, { connectionArgs });
    this.#anchor = this.#open();
  }

  /** Runs work on a connection of its own. `names`: the settings and parameters that the work sets. */
  async use<T>(names: Iterable<string>, work: (session: Session) => Promise<T>): Promise<T> {
    const set = new Set(names);
    const found = this.#idle.findIndex(({ assigned }) => [...assigned].every((name) => set.has(name)));
    const connection =
      (found === -1 ? undefined : this.#idle.splice(found, 1)[0]) ??
      ({ session: this.#open(), assigned: set } satisfies Connection);
    this.#busy.add(connection);
    let intact = false;
    try {
      const result = await work(connection.session);
      intact = true;
      return result;
    } finally {
      this.#busy.delete(connection);
      if (intact) this.#keep({ session: connection.session, assigned: set });
      else connection.session.close();
    }
  }

  #keep(connection: Connection): void {
    this.#idle.push(connection);
    if (this.#idle.length > MOST_IDLE) this.#idle.shift()?.session.close();
  }

  [Symbol.dispose](): void {
    for (const { session } of this.#idle.splice(0)) session.close();
    for (const { session } of this.#busy) session.close();
    this.#anchor.close();
  }
}
