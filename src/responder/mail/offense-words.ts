import type { Language } from '#contract/resources/user.ts';

/** The words of a mail to the responders. Commands to type are the same in every language. */
export interface OffenseWords {
  readonly offense: string;
  /** With {offense} and {episode}. */
  readonly number: string;
  /** With {offense}, {title}, {entity} and {episode}. */
  readonly subject: string;
  /** The same, when something waits for an approval. */
  readonly subjectWaiting: string;
  readonly waits: string;
  /** With {action} and {time}. */
  readonly question: string;
  readonly about: string;
  readonly severity: string;
  readonly severities: Readonly<Record<string, string>>;
  readonly opened: string;
  readonly assets: string;
  readonly from: string;
  readonly none: string;
  readonly unknown: string;
  readonly happened: string;
  readonly done: string;
  readonly nothingYet: string;
  readonly cut: string;
  readonly next: string;
  readonly recovers: string;
  /** With {place}, {address}. */
  readonly cutSession: string;
  readonly running: string;
}

export const OFFENSE_WORDS: Readonly<Record<Language, OffenseWords>> = {
  en: {
    offense: 'Offense',
    number: '{offense}, episode {episode}',
    subject: '[Portcullis] Offense {offense}: {title} ({entity}, episode {episode})',
    subjectWaiting: '[Portcullis] Offense {offense} waits for you: {title} ({entity}, episode {episode})',
    waits: 'Waits for your approval (no answer means no)',
    question: '{action}, until {time}:',
    about: 'About',
    severity: 'Severity',
    severities: {},
    opened: 'Opened',
    assets: 'Assets',
    from: 'From',
    none: 'none',
    unknown: 'unknown',
    happened: 'What happened',
    done: 'What was done',
    nothingYet: 'nothing yet',
    cut: 'Sessions that were cut (what they had started on the asset may still run there)',
    next: 'What to do next',
    recovers: 'new credentials, then access again',
    cutSession: '{place} from {address}',
    running: 'running',
  },
  zh: {
    offense: '安全事件',
    number: '{offense}，第 {episode} 次',
    subject: '[Portcullis] 安全事件 {offense}：{title}（{entity}，第 {episode} 次）',
    subjectWaiting: '[Portcullis] 安全事件 {offense} 等待您的批准：{title}（{entity}，第 {episode} 次）',
    waits: '等待您的批准（不答复即视为拒绝）',
    question: '{action}，截止 {time}：',
    about: '对象',
    severity: '严重程度',
    severities: {
      info: '提示',
      informational: '提示',
      low: '低',
      medium: '中',
      high: '高',
      critical: '严重',
    },
    opened: '开始时间',
    assets: '资产',
    from: '来源地址',
    none: '无',
    unknown: '未知',
    happened: '发生了什么',
    done: '已采取的措施',
    nothingYet: '尚无',
    cut: '已切断的会话（其在资产上启动的程序可能仍在运行）',
    next: '下一步',
    recovers: '更换凭据，然后恢复访问',
    cutSession: '{place}，来自 {address}',
    running: '正在运行',
  },
};

/** Puts values into a text. What a value holds is never read as a place for another. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
