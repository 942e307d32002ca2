import type { Language } from '#contract/resources/user.ts';

/**
 * What the gateway says to a person, by reason. Values are put in by the caller and must be safe to show. Each
 * text says what happened and, where the person can do something, what.
 */
const ENGLISH = {
  sessionRefused: (asset: string, account: string) =>
    `You have no access to ${account}@${asset}. Ask an administrator for a grant, or check the name.`,
  actionNotGranted: (asset: string, account: string, action: string) =>
    `Your grant for ${account}@${asset} does not include ${action}. Ask an administrator.`,
  secondFactorRequired: () =>
    'A second factor is demanded here. Log in with a terminal and without a command to set one up: ssh USER@GATEWAY, then type mfa.',
  locked: () => 'Access is locked. Ask an administrator.',
  loginRule: () => 'You may not use the gateway now. Ask an administrator.',
  serviceUser: () => 'Service users have no interactive access. Use the API with a token.',
  targetNeeded: (user: string) =>
    `Say where the command should run: ssh ${user}@ACCOUNT@ASSET@GATEWAY COMMAND, for example ${user}@root@web01@GATEWAY. Without a command you get a menu.`,
  terminalNeeded: () =>
    'The menu needs a terminal: use ssh -t, or name the asset: USER@ACCOUNT@ASSET@GATEWAY.',
  nothingGranted: () => 'You have no access to any asset yet. Ask an administrator for a grant.',
  notSupported: (what: string) =>
    `${what} is not available through this gateway. Available are shell and exec (commands).`,
  commandDenied: (command: string) => `Command \`${command}\` is forbidden`,
  commandUnreadable: () =>
    'Command is forbidden: it cannot be read with certainty, and this grant is strict.',
  nameNotResolved: (asset: string) =>
    `The address of ${asset} cannot be resolved. Ask an administrator to correct it.`,
  connectionRefused: (asset: string) =>
    `${asset} refused the connection: nothing listens on its SSH port. Is the SSH service running?`,
  unreachable: (asset: string) => `${asset} cannot be reached: there is no route to it.`,
  connectTimedOut: (asset: string) => `${asset} did not answer in time. Is it running and reachable?`,
  notSsh: (asset: string) => `${asset} answered, but not with a usable SSH protocol.`,
  noCommonAlgorithm: (asset: string) =>
    `${asset} and the gateway share no safe SSH algorithm. Ask an administrator to update the asset.`,
  hostKeyUnknown: (asset: string) =>
    `The host key of ${asset} is not known to the gateway, so the connection was refused. Ask an administrator to add it.`,
  hostKeyChanged: (asset: string) =>
    `THE HOST KEY OF ${asset} HAS CHANGED. Somebody may be listening, so the connection was refused. Ask an administrator.`,
  assetAuthenticationFailed: (asset: string, account: string) =>
    `${asset} did not accept the stored credential of ${account}. Ask an administrator to renew it.`,
  noSecret: (asset: string, account: string) =>
    `No credential is stored for ${account}@${asset}. Ask an administrator to set a password or key.`,
  vaultFailed: (asset: string, account: string) =>
    `The credential of ${account}@${asset} cannot be opened. Ask an administrator to look at the vault.`,
  connectionLost: (asset: string) => `The connection to ${asset} was lost.`,
  channelRefusedByAsset: (asset: string) => `${asset} refused to open the channel.`,
  recordingFailed: () =>
    'The session ends: it cannot be recorded any more. Nothing further was shown or sent. Ask an administrator to free space.',
  recordingUnavailable: () => 'The session was not opened: it cannot be recorded. Ask an administrator.',
  streamUnavailable: () =>
    'The session was not opened: the audit trail cannot be written. Ask an administrator.',
  stateUnavailable: () => 'The session was not opened: access cannot be checked now. Try again later.',
  locksStale: () =>
    'The session was not opened: the gateway has lost its control connection. Try again later.',
  tooManyChannels: () => 'Too many channels are open on this connection. Close one first.',
  auditFailed: () =>
    'The session ends: the audit trail cannot be written. The last line was not run. Ask an administrator.',
  lineNotCleared: () =>
    'The session ends: a forbidden command could not be removed from the command line. It was not run.',
  idleWarning: (seconds: number) =>
    `No activity: this session ends in ${seconds} seconds unless something is typed.`,
  idleEnded: () => 'The session ended because there was no activity.',
  limitWarning: (seconds: number) => `This session reaches its time limit and ends in ${seconds} seconds.`,
  limitEnded: () => 'The session ended: it reached its time limit.',
  permissionWithdrawn: () => 'The session ended: your permission for it was withdrawn.',
  shuttingDown: () => 'The gateway is shutting down. Please connect again in a moment.',
  protocolViolation: () => 'The connection ends: the client broke the SSH protocol.',
} as const;

export type Messages = typeof ENGLISH;

const CHINESE: Messages = {
  sessionRefused: (asset, account) => `您无权访问 ${account}@${asset}。请联系管理员授权，或检查名称。`,
  actionNotGranted: (asset, account, action) =>
    `您对 ${account}@${asset} 的授权不包括 ${action}。请联系管理员。`,
  secondFactorRequired: () =>
    '此处需要第二因素。请用终端登录（不带命令）进行设置：ssh 用户@网关，然后输入 mfa。',
  locked: () => '访问已被锁定。请联系管理员。',
  loginRule: () => '您目前不能使用本网关。请联系管理员。',
  serviceUser: () => '服务用户不能交互登录。请使用令牌调用 API。',
  targetNeeded: (user) =>
    `请指明命令在哪里执行：ssh ${user}@账号@资产@网关 命令，例如 ${user}@root@web01@网关。不带命令时显示菜单。`,
  terminalNeeded: () => '菜单需要终端：请使用 ssh -t，或指明资产：用户@账号@资产@网关。',
  nothingGranted: () => '您还没有任何资产的访问权限。请联系管理员授权。',
  notSupported: (what) => `本网关不提供 ${what}。可用的是 shell 和 exec（执行命令）。`,
  commandDenied: (command) => `命令 \`${command}\` 已被禁止`,
  commandUnreadable: () => '命令已被禁止：无法确定其内容',
  nameNotResolved: (asset) => `无法解析 ${asset} 的地址。请联系管理员更正。`,
  connectionRefused: (asset) => `${asset} 拒绝连接：其 SSH 端口无服务监听。SSH 服务是否在运行？`,
  unreachable: (asset) => `无法到达 ${asset}：没有路由。`,
  connectTimedOut: (asset) => `${asset} 未在规定时间内响应。它是否在运行且可达？`,
  notSsh: (asset) => `${asset} 有响应，但不是可用的 SSH 协议。`,
  noCommonAlgorithm: (asset) => `${asset} 与网关没有共同的安全 SSH 算法。请联系管理员更新该资产。`,
  hostKeyUnknown: (asset) => `网关不认识 ${asset} 的主机密钥，连接已被拒绝。请联系管理员添加。`,
  hostKeyChanged: (asset) => `${asset} 的主机密钥已改变！可能有人在窃听，连接已被拒绝。请联系管理员。`,
  assetAuthenticationFailed: (asset, account) => `${asset} 不接受 ${account} 的已存凭据。请联系管理员更新。`,
  noSecret: (asset, account) => `${account}@${asset} 没有存储凭据。请联系管理员设置密码或密钥。`,
  vaultFailed: (asset, account) => `无法打开 ${account}@${asset} 的凭据。请联系管理员检查保险库。`,
  connectionLost: (asset) => `与 ${asset} 的连接已断开。`,
  channelRefusedByAsset: (asset) => `${asset} 拒绝打开通道。`,
  recordingFailed: () => '会话结束：无法继续录制。此后的内容均未显示或发送。请联系管理员释放空间。',
  recordingUnavailable: () => '会话未打开：无法录制。请联系管理员。',
  streamUnavailable: () => '会话未打开：无法写入审计记录。请联系管理员。',
  stateUnavailable: () => '会话未打开：目前无法检查权限。请稍后再试。',
  locksStale: () => '会话未打开：网关失去了控制连接。请稍后再试。',
  tooManyChannels: () => '此连接上打开的通道过多。请先关闭一个。',
  auditFailed: () => '会话结束：无法写入审计记录。最后一行未执行。请联系管理员。',
  lineNotCleared: () => '会话结束：被禁止的命令无法从命令行清除。该命令未执行。',
  idleWarning: (seconds) => `没有活动：如无输入，此会话将在 ${seconds} 秒后结束。`,
  idleEnded: () => '会话因无活动而结束。',
  limitWarning: (seconds) => `此会话即将达到时间上限，将在 ${seconds} 秒后结束。`,
  limitEnded: () => '会话结束：已达到时间上限。',
  permissionWithdrawn: () => '会话结束：您的权限已被撤回。',
  shuttingDown: () => '网关正在关闭。请稍后重新连接。',
  protocolViolation: () => '连接结束：客户端违反了 SSH 协议。',
};

export function messagesFor(language: Language): Messages {
  return language === 'zh' ? CHINESE : ENGLISH;
}

/** What JumpServer prints, so that people and scripts know it: also in the recording. */
export function terminatedText(by: string): string {
  return `\r\n\x1b[31mTerminated by admin ${by}\r\n\x1b[0m`;
}
