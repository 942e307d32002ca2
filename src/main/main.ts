import { runServe } from './serve-command.ts';

const args = process.argv.slice(2);
const value = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
process.exitCode = await runServe({ config: value('--config'), data: value('--data'), json: args.includes('--json') }, (text) => process.stdout.write(text));
