import type { Language } from '#contract/resources/user.ts';

export interface MenuTexts {
  readonly title: string;
  readonly accountsOf: (asset: string) => string;
  readonly number: string;
  readonly asset: string;
  readonly accounts: string;
  readonly account: string;
  readonly none: string;
  readonly noMatch: (filter: string) => string;
  readonly noSuchNumber: (text: string) => string;
  readonly page: (page: number, pages: number, total: number) => string;
  readonly hint: string;
  readonly accountHint: string;
  readonly prompt: string;
  readonly connecting: (account: string, asset: string) => string;
  readonly goodbye: string;
  readonly help: readonly string[];
  readonly anyKey: string;
}

const ENGLISH: MenuTexts = {
  title: 'Portcullis: choose an asset',
  accountsOf: (asset) => `Choose an account on ${asset}`,
  number: 'No.',
  asset: 'Asset',
  accounts: 'Accounts',
  account: 'Account',
  none: 'No asset is granted to you.',
  noMatch: (filter) => `Nothing matches "${filter}".`,
  noSuchNumber: (text) => `There is no number ${text} in the list.`,
  page: (page, pages, total) => `Page ${page} of ${pages}, ${total} in all`,
  hint: 'Type to search, a number or Enter to connect, n/p to turn pages, h for help, q to quit',
  accountHint: 'A number or Enter to connect, b to go back, q to quit',
  prompt: '> ',
  connecting: (account, asset) => `Connecting to ${account}@${asset} ...`,
  goodbye: 'Goodbye.',
  help: [
    'text Enter      show the assets whose name or account contains the text;',
    '                connect when it is only one, or has exactly this name',
    '/text           the same, for text that would be a number or a command',
    'number Enter    connect to the asset with this number',
    'Up, Down        move the mark; Enter connects to the marked asset',
    'n, p            next and previous page (also Right and Left, Page Down and Up)',
    'Enter, Escape   show all assets again',
    'mfa             set up an authenticator (second factor)',
    'h or ?          this help',
    'q or Ctrl-D     quit',
  ],
  anyKey: 'Press Enter to go back.',
};

const CHINESE: MenuTexts = {
  title: 'Portcullis：选择资产',
  accountsOf: (asset) => `选择 ${asset} 上的账号`,
  number: '序号',
  asset: '资产',
  accounts: '账号',
  account: '账号',
  none: '没有授权给您的资产。',
  noMatch: (filter) => `没有匹配“${filter}”的资产。`,
  noSuchNumber: (text) => `列表中没有序号 ${text}。`,
  page: (page, pages, total) => `第 ${page} 页，共 ${pages} 页，共 ${total} 项`,
  hint: '输入文字搜索，输入序号或回车连接，n/p 翻页，h 帮助，q 退出',
  accountHint: '输入序号或回车连接，b 返回，q 退出',
  prompt: '> ',
  connecting: (account, asset) => `正在连接 ${account}@${asset} ...`,
  goodbye: '再见。',
  help: [
    '文字 回车       显示名称或账号包含该文字的资产；只有一个或名称完全相同时直接连接',
    '/文字           同上，用于搜索数字或命令字母',
    '序号 回车       连接该序号的资产',
    '上、下          移动标记；回车连接标记的资产',
    'n、p            下一页、上一页（或右、左方向键，PgDn、PgUp）',
    '回车、Esc       重新显示全部资产',
    'mfa             设置验证器（第二因素）',
    'h 或 ?          显示本帮助',
    'q 或 Ctrl-D     退出',
  ],
  anyKey: '按回车返回。',
};

export function menuTexts(language: Language): MenuTexts {
  return language === 'zh' ? CHINESE : ENGLISH;
}
