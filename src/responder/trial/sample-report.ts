import { makeEvent } from '#contract/event.ts';
import { parseEntity } from '#domain/detection/entity.ts';
import type { OffenseReport } from '../mail/offense-mail.ts';

/** An offense that never was, so that a mail can be seen before there is a real one. */
export function sampleReport(id: string, entity: string, nowMs: number): OffenseReport {
  const about = parseEntity(entity);
  return {
    offense: {
      id,
      number: 0,
      ruleFamily: 'test',
      ruleId: 'test',
      entity,
      title: 'An offense that is made up',
      severity: 'high',
      status: 'open',
      verdict: null,
      assignee: null,
      episode: 1,
      openedAt: nowMs,
      updatedAt: nowMs,
      closedAt: null,
    },
    episode: {
      offenseId: id,
      episode: 1,
      openedAt: nowMs,
      openedPosition: 0,
      lastEventAt: nowMs,
      evidenceCount: 1,
      endedAt: null,
      endPosition: null,
      endReason: null,
    },
    evidence: [
      makeEvent('command.denied', id, nowMs, {
        ...(about?.kind === 'user' ? { realm: about.realm, user: about.username } : {}),
        address: '192.0.2.1',
        asset: 'example',
        account: 'root',
        command: 'su -',
      }),
    ],
    actions: [],
    cut: [],
    waiting: [],
    isLocked: true,
    isTest: true,
  };
}
