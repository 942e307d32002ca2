import { nameKey } from '#contract/names.ts';
import type { Language, Role } from '#contract/resources/user.ts';
import type { StateReader } from './state.ts';

/** A user with everything a login needs to know, read at one moment. */
export interface KnownUser {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly email: string | null;
  readonly kind: 'person' | 'service';
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  readonly language: Language;
  /** PHC string, or null when the user has no password. */
  readonly passwordHash: string | null;
  readonly keys: readonly UserKey[];
  readonly secondFactor: {
    readonly isEnrolled: boolean;
    /** For this user, or for a group of theirs. */
    readonly isRequired: boolean;
  };
}

export interface UserKey {
  readonly id: string;
  /** Base64 of the wire form. */
  readonly blob: string;
  readonly fingerprint: string;
  readonly isSuspended: boolean;
}

/** Where users are looked up when they knock. */
export interface UserDirectory {
  /** By name, without regard to case. Reads the same amount whether or not there is such a user. */
  find(username: string): Promise<KnownUser | undefined>;
  findById(id: string): Promise<KnownUser | undefined>;
  /** Names of all persons with the role admin, locked or not. */
  administrators(): Promise<readonly string[]>;
}

/** Fits no row, and is looked up in place of an unknown user's id so that unknown costs as much as known. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

export class UserReader implements UserDirectory {
  readonly #db: StateReader;

  constructor(reader: StateReader) {
    this.#db = reader;
  }

  find(username: string): Promise<KnownUser | undefined> {
    return this.#read('usernameKey', nameKey(username));
  }

  findById(id: string): Promise<KnownUser | undefined> {
    return this.#read('id', id);
  }

  async administrators(): Promise<readonly string[]> {
    const rows = await this.#db
      .selectFrom('users')
      .select('username')
      .where('kind', '=', 'person')
      .where('roles', 'like', '%"admin"%')
      .execute();
    return rows.map((row) => row.username);
  }

  async #read(column: 'usernameKey' | 'id', value: string): Promise<KnownUser | undefined> {
    const row = await this.#db.selectFrom('users').selectAll().where(column, '=', value).executeTakeFirst();
    const id = row?.id ?? NOBODY;
    const [groups, keys, secondFactor] = await Promise.all([
      this.#db
        .selectFrom('group_users')
        .innerJoin('groups', 'groups.id', 'group_users.groupId')
        .select(['groups.name', 'groups.secondFactor'])
        .where('group_users.userId', '=', id)
        .orderBy('groups.nameKey')
        .execute(),
      this.#db
        .selectFrom('user_keys')
        .select(['id', 'blob', 'fingerprint', 'suspended'])
        .where('userId', '=', id)
        .orderBy('createdAt')
        .execute(),
      this.#db.selectFrom('second_factors').select('userId').where('userId', '=', id).executeTakeFirst(),
    ]);
    if (row === undefined) return undefined;
    return {
      id: row.id,
      username: row.username,
      name: row.name,
      email: row.email,
      kind: row.kind,
      roles: JSON.parse(row.roles) as readonly Role[],
      groups: groups.map((group) => group.name),
      language: row.language === 'zh' ? 'zh' : 'en',
      passwordHash: row.passwordHash,
      keys: keys.map(({ suspended, ...key }) => ({ ...key, isSuspended: suspended !== 0 })),
      secondFactor: {
        isEnrolled: secondFactor !== undefined,
        isRequired: row.secondFactor !== 0 || groups.some((group) => group.secondFactor !== 0),
      },
    };
  }
}
