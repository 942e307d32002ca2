import type { Manner } from '#contract/jumpserver/manner.ts';
import { orderItems } from '#contract/jumpserver/filters.ts';
import {
  type JumpServerGroup,
  jumpServerGroup,
  type JumpServerUser,
  jumpServerUser,
  jumpServerUserDetail,
  passesUserFilter,
  type UserFacts,
  type UserFilter,
} from '#contract/jumpserver/user.ts';
import { nameKey } from '#contract/names.ts';
import type { User } from '#contract/resources/user.ts';
import { readUserDetails, type UserDetail } from '#state/user-detail-reader.ts';
import { readUserViews } from '#state/user-view-reader.ts';
import { notFound } from '../http/error-answers.ts';
import type { Services } from '../services.ts';

type Parts = Pick<Services, 'state' | 'clock' | 'users'>;

export async function listUsers(
  { state, clock }: Parts,
  filter: UserFilter,
  manner: Manner,
): Promise<readonly JumpServerUser[]> {
  const [users, details] = await Promise.all([
    readUserViews(state.reader, clock(), filter.username),
    readUserDetails(state.reader),
  ]);
  const shown = users
    .map((user) => jumpServerUser(factsOf(user, details.get(user.id)), manner))
    .filter((user) => passesUserFilter(user, filter));
  return orderItems(shown, filter.order);
}

/** By id, or by the user name in its place. Throws E_NOT_FOUND. */
export async function findUser({ state, clock, users }: Parts, idOrName: string): Promise<User> {
  const byId = await users.findById(idOrName.toLowerCase());
  const [user] = await readUserViews(state.reader, clock(), byId?.username ?? idOrName);
  if (user === undefined) throw notFound();
  return user;
}

export async function showUser(parts: Parts, idOrName: string, manner: Manner): Promise<JumpServerUser> {
  const user = await findUser(parts, idOrName);
  const details = await readUserDetails(parts.state.reader, user.id);
  return jumpServerUserDetail(factsOf(user, details.get(user.id)), manner);
}

function factsOf(user: User, detail: UserDetail | undefined): UserFacts {
  return {
    user,
    groups: detail?.groups ?? [],
    updatedAt: detail?.updatedAt ?? user.createdAt,
    passwordChangedAt: detail?.passwordChangedAt ?? null,
    lastLoginAt: detail?.lastSessionAt ?? null,
    tokenUsedAt: detail?.tokenUsedAt ?? null,
    hasKeys: detail?.hasKeys ?? false,
  };
}

export async function listGroups(
  { state }: Parts,
  filter: { readonly name?: string | undefined; readonly search?: string | undefined },
  manner: Manner,
): Promise<readonly JumpServerGroup[]> {
  const [groups, members] = await Promise.all([
    state.reader.selectFrom('groups').selectAll().orderBy('nameKey').execute(),
    state.reader
      .selectFrom('group_users')
      .innerJoin('users', 'users.id', 'group_users.userId')
      .select(['group_users.groupId', 'users.id', 'users.username', 'users.name'])
      .orderBy('users.usernameKey')
      .execute(),
  ]);
  const byGroup = Map.groupBy(members, (row) => row.groupId);
  return groups
    .filter((group) => filter.name === undefined || group.nameKey === nameKey(filter.name))
    .filter((group) => group.nameKey.includes(nameKey(filter.search ?? '')))
    .map((group) =>
      jumpServerGroup(
        {
          ...group,
          users: (byGroup.get(group.id) ?? []).map(({ id, username, name }) => ({
            id,
            name: name === '' ? username : name,
          })),
        },
        manner,
      ),
    );
}
