import { describe, expect, it } from 'vitest';
import { readCommand } from '#domain/command/reading/read-line.ts';
import { firstReader, foregroundOf } from './foreground.ts';

const after = (line: string): string => foregroundOf(readCommand(line).programs);

describe('who reads the terminal after a line', () => {
  it.each([
    'vim x',
    'sudo vim /etc/hosts',
    'mysql -u root',
    'less /var/log/syslog',
    'ps aux | less',
    'cat',
    'cat > notes',
    'python3',
    'top',
    'read -s x',
    'psql prod',
    'sudo -u postgres psql',
    'fg',
  ])('a program after %s', (line) => {
    expect(after(line)).toBe('program');
  });

  it.each([
    '',
    'ls',
    'cd /tmp',
    'X=1',
    'PS1="mysql> "',
    'cat /etc/hosts',
    'ps aux | grep nginx',
    "printf '\\033[?1049h'",
    'bash',
    'sudo -i',
    'sudo ls',
    'ssh web02',
    'docker exec -it web sh',
    'tmux',
    '. ./env',
    'stty -echo',
    'echo x > f',
  ])('a shell after %j', (line) => {
    expect(after(line)).toBe('shell');
  });

  it.each(['./deploy', 'make', 'apt install x', 'python3 manage.py shell', 'git commit', 'journalctl'])(
    'nobody knows after %s',
    (line) => {
      expect(after(line)).toBe('unknown');
    },
  );
});

describe('who reads a terminal first', () => {
  it.each([
    ['bash', 'shell'],
    ['vim notes', 'program'],
    ['vim notes; bash', 'unknown'],
    ['cat | PS1=nothing sh', 'unknown'],
    ['./setup', 'unknown'],
  ])('%s: %s', (command, reader) => {
    expect(firstReader(readCommand(command))).toBe(reader);
  });

  it('a shell where no command is given', () => {
    expect(firstReader(null)).toBe('shell');
  });
});
