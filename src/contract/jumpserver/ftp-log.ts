import { z } from 'zod';
import { choiceOf } from './choice.ts';

export const JumpServerFtpLog = z.object({
  id: z.string(),
  user: z.string(),
  remote_addr: z.string(),
  asset: z.string(),
  account: z.string(),
  org_id: z.string(),
  operate: choiceOf(
    z.enum(['mkdir', 'rmdir', 'delete', 'upload', 'rename', 'symlink', 'download', 'rename_dir']),
  ),
  filename: z.string(),
  date_start: z.string(),
  is_success: z.boolean(),
  has_file: z.boolean(),
  session: z.string(),
});
export type JumpServerFtpLog = z.infer<typeof JumpServerFtpLog>;
