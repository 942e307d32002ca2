import type { FastifyReply } from 'fastify';
import { PAGE_POLICY } from './layout.ts';

/** Answers with a page. */
export function show(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('content-security-policy', PAGE_POLICY)
    .serializer(String)
    .send(text);
}
