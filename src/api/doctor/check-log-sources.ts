import type { DoctorCheck } from '#contract/resources/doctor-report.ts';
import type { LogSourceRow } from '#state/schema.ts';
import { good, warning } from './finding.ts';

const DAY_MS = 86_400_000;
/** A source of which a tenth cannot be read is read by the wrong type, or by one that is out of date. */
const MOST_UNREAD = 0.1;
const FEWEST_MESSAGES = 20;
const SHOWN = 5;

type SeenSource = Pick<LogSourceRow, 'name' | 'confirmedAt' | 'lastAt' | 'messages' | 'failures'>;

/** Whether the log sources are known, still there, and understood. */
export function checkLogSources(sources: readonly SeenSource[], nowMs: number): DoctorCheck {
  const name = 'log sources';
  const isRecent = ({ lastAt }: SeenSource): boolean => lastAt !== null && lastAt > nowMs - DAY_MS;
  const problems = [
    {
      what: 'sent without being confirmed',
      sources: sources.filter((one) => one.confirmedAt === null && isRecent(one)),
      advice: 'Nothing acts on their events. portcullis log-source confirm NAME, for each that you know.',
    },
    {
      what: 'silent for a day',
      sources: sources.filter((one) => one.confirmedAt !== null && !isRecent(one)),
      advice: 'Look whether they still send; portcullis log-source forget NAME, if they are gone.',
    },
    {
      what: 'hardly understood',
      sources: sources.filter(
        (one) => one.messages >= FEWEST_MESSAGES && one.failures > one.messages * MOST_UNREAD,
      ),
      advice: 'portcullis log-source explain FILE tells why no log source type reads their lines.',
    },
  ].filter((problem) => problem.sources.length > 0);
  if (problems.length === 0) {
    const confirmed = sources.filter(({ confirmedAt }) => confirmedAt !== null).length;
    return good(name, sources.length === 0 ? 'none was seen' : `${confirmed} confirmed, all heard today`);
  }
  return warning(
    name,
    problems.map((problem) => `${problem.what}: ${listed(problem.sources)}`).join('; '),
    problems.map(({ advice }) => advice).join(' '),
  );
}

function listed(sources: readonly SeenSource[]): string {
  const names = sources.slice(0, SHOWN).map(({ name }) => name);
  const more = sources.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}
