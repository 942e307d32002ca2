import type { Language } from '#contract/resources/user.ts';

export interface AccountTexts {
  readonly signIn: {
    readonly title: string;
    readonly password: string;
    readonly button: string;
    readonly codeTitle: string;
    readonly code: string;
    readonly codeHint: string;
  };
  readonly title: string;
  readonly who: (username: string) => string;
  readonly owed: string;
  readonly presentPassword: string;
  readonly presentCode: string;
  readonly presentCodeHint: string;
  readonly secondFactor: string;
  readonly secondFactorOn: string;
  readonly secondFactorOff: string;
  readonly setUp: string;
  readonly replace: string;
  readonly renew: string;
  readonly finish: string;
  readonly done: string;
  readonly codesTitle: string;
  readonly back: string;
  readonly passwordTitle: string;
  readonly changePassword: string;
  readonly passwordHint: string;
  readonly sessions: string;
  readonly session: (address: string, since: string) => string;
  readonly here: string;
  readonly end: (address: string) => string;
  readonly signOut: string;
}

const en: AccountTexts = {
  signIn: {
    title: 'Sign in',
    password: 'Password',
    button: 'Sign in',
    codeTitle: 'Verification code',
    code: 'Verification code',
    codeHint: 'What the authenticator app shows, or one of your recovery codes.',
  },
  title: 'Your account',
  who: (username) => `You are signed in as ${username}.`,
  owed: 'A second factor is demanded of you. Set one up first; nothing else opens before.',
  presentPassword: 'Present password',
  presentCode: 'Code or recovery code',
  presentCodeHint: 'A fresh one: each code counts once.',
  secondFactor: 'Second factor',
  secondFactorOn: 'An authenticator app is set up.',
  secondFactorOff: 'No authenticator app is set up.',
  setUp: 'Set up an authenticator',
  replace: 'Set up another authenticator',
  renew: 'New recovery codes',
  finish: 'Finish',
  done: 'It is done. Earlier recovery codes do not count any more.',
  codesTitle: 'Your recovery codes',
  back: 'Back to your account',
  passwordTitle: 'Password',
  changePassword: 'Change the password',
  passwordHint: 'Your other browsers are signed out.',
  sessions: 'Where you are signed in',
  session: (address, since) => `${address}, since ${since}`,
  here: 'this browser',
  end: (address) => `Sign out ${address}`,
  signOut: 'Sign out',
};

const zh: AccountTexts = {
  signIn: {
    title: '登录',
    password: '密码',
    button: '登录',
    codeTitle: '验证码',
    code: '验证码',
    codeHint: '验证器应用显示的验证码，或您的一个恢复码。',
  },
  title: '您的账户',
  who: (username) => `您已登录：${username}。`,
  owed: '您必须使用第二因素。请先设置，在此之前其他功能不可用。',
  presentPassword: '当前密码',
  presentCode: '验证码或恢复码',
  presentCodeHint: '请使用新的验证码：每个只能使用一次。',
  secondFactor: '第二因素',
  secondFactorOn: '已设置验证器应用。',
  secondFactorOff: '尚未设置验证器应用。',
  setUp: '设置验证器',
  replace: '更换验证器',
  renew: '更新恢复码',
  finish: '完成',
  done: '操作已完成。之前的恢复码不再有效。',
  codesTitle: '您的恢复码',
  back: '返回您的账户',
  passwordTitle: '密码',
  changePassword: '修改密码',
  passwordHint: '您的其他浏览器将退出登录。',
  sessions: '登录位置',
  session: (address, since) => `${address}，自 ${since}`,
  here: '此浏览器',
  end: (address) => `退出 ${address}`,
  signOut: '退出登录',
};

export const ACCOUNT_TEXTS: Readonly<Record<Language, AccountTexts>> = { en, zh };
