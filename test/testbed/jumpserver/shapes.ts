import type { StandInCommand, StandInSession, StandInUser, StandInWebSession } from './model.ts';

export type Version = 2 | 3 | 4;

interface Choice {
  readonly value: unknown;
  readonly label: string;
}

const choice = (value: unknown, label: string): Choice => ({ value, label });

/** `2024/10/01 16:00:00 +0800`, as every version since 2 writes times. */
export function timeText(ms: number): string {
  const shifted = new Date(ms + 8 * 3_600_000).toISOString();
  return `${shifted.slice(0, 10).replaceAll('-', '/')} ${shifted.slice(11, 19)} +0800`;
}

/** A user as a list or a change tells it. */
export function userShape(user: StandInUser, version: Version): Record<string, unknown> {
  const shared = {
    id: user.id,
    name: user.name,
    username: user.username,
    email: user.email,
    wechat: '',
    is_active: user.isActive,
    is_valid: user.isActive,
    is_expired: false,
    is_superuser: user.isSuperuser,
    is_org_admin: false,
    is_service_account: false,
    mfa_enabled: user.hasMfa,
    is_otp_secret_key_bound: user.hasMfa,
    login_blocked: user.loginBlocked,
    date_joined: timeText(1_700_000_000_000),
    comment: '',
  };
  if (version === 2)
    return {
      ...shared,
      phone: null,
      source: user.source,
      source_display: user.source === 'local' ? 'Local' : user.source,
      mfa_level: user.hasMfa ? 1 : 0,
      mfa_level_display: user.hasMfa ? 'Enabled' : 'Disabled',
      groups: [],
      groups_display: '',
      system_roles: [],
      system_roles_display: user.isSuperuser ? 'SystemAdmin' : 'User',
    };
  return {
    ...shared,
    phone: null,
    source: choice(user.source, user.source === 'local' ? '数据库' : user.source),
    mfa_level: choice(user.hasMfa ? 1 : 0, user.hasMfa ? '启用' : '禁用'),
    groups: [],
    system_roles: [{ id: '1', display_name: user.isSuperuser ? '系统管理员' : '用户' }],
    org_roles: [],
    ...(version === 4 ? { labels: [], lark_id: null, slack_id: null, is_face_code_set: false } : {}),
  };
}

export function sessionShape(session: StandInSession, version: Version): Record<string, unknown> {
  const shared = {
    id: session.id,
    user: session.user,
    asset: session.asset,
    user_id: session.userId,
    asset_id: '5b0e7a52-31a7-4f43-9d3c-1c1e2f3a4b5c',
    protocol: 'ssh',
    remote_addr: session.address,
    is_success: true,
    is_finished: session.isFinished,
    has_replay: false,
    has_command: true,
    can_terminate: true,
    date_start: timeText(session.startedAt),
    date_end: session.isFinished ? timeText(session.startedAt + 60_000) : null,
    org_id: session.organisation,
    org_name: 'Default',
  };
  if (version === 2)
    return {
      ...shared,
      system_user: session.account,
      system_user_id: '9f0e7a52-31a7-4f43-9d3c-1c1e2f3a4b5c',
      login_from: 'ST',
      login_from_display: 'SSH Terminal',
    };
  return {
    ...shared,
    account: session.account,
    account_id: '9f0e7a52-31a7-4f43-9d3c-1c1e2f3a4b5c',
    type: choice('normal', '普通'),
    login_from: choice('ST', 'SSH 终端'),
    is_locked: false,
    command_amount: 3,
    ...(version === 4 ? { replay_size: 0, duration: '0:03:21' } : {}),
  };
}

export function webSessionShape(session: StandInWebSession, user: StandInUser): Record<string, unknown> {
  return {
    id: session.id,
    user: { id: user.id, name: `${user.name}(${user.username})` },
    ip: session.address,
    city: 'LAN',
    user_agent: 'Mozilla/5.0',
    is_current_user_session: false,
    type: choice('W', 'Web'),
    backend: 'Password',
    is_active: true,
    date_created: timeText(1_700_000_000_000),
  };
}

export function commandShape(command: StandInCommand, version: Version): Record<string, unknown> {
  return {
    id: command.id,
    user: command.user,
    asset: 'web01(10.0.0.5)',
    [version === 2 ? 'system_user' : 'account']: 'root(root)',
    input: command.input,
    output: '',
    session: command.session,
    risk_level: version === 2 ? 5 : choice(5, '拒绝'),
    timestamp: command.timestamp,
    timestamp_display: timeText(command.timestamp * 1000),
  };
}
