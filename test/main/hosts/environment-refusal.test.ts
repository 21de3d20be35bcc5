import { expect, test } from 'vitest'
import { environmentRefusal } from '../../../main/hosts/environment-refusal.ts'

const persist = ['sudo', '-n', '--', 'sg_persist', '-n', '-k', '/dev/sda']

test.each([
  [persist, 127, 'sh: 1: sudo: not found', 'sudo is not installed (package sudo)'],
  [['sg_persist', '-k'], 127, '', 'sg_persist is not installed (package sg3-utils or sg3_utils)'],
  [['env', 'A=b', 'relay'], 127, 'env: relay: No such file', 'relay is not installed, or not in the PATH'],
  [['sh', '-c', 'foo'], 127, 'sh: 1: foo: not found', 'foo is not installed, or not in the PATH'],
  [['bash', '-c', 'foo'], 127, 'bash: line 1: foo: command not found', 'foo is not installed, or not in the PATH'],
  [['relay'], 126, 'sh: 1: relay: Permission denied', /^relay is there and cannot be executed \(exit 126\)/],
  [persist, 1, 'sudo: sg_persist: command not found\n', 'sg_persist is not installed (package sg3-utils or sg3_utils)'],
  [persist, 1, 'sudo: sg_persist: Befehl nicht gefunden\n', /^sg_persist is not installed/],
  [persist, 1, 'sudo: sg_persist : commande introuvable\n', /^s/],
  [persist, 1, 'sudo: a password is required\n', /^sudo -n does not let us run sg_persist .*: a password is required$/],
  [persist, 1, 'sudo: il est nécessaire de saisir un mot de passe\n', /^sudo -n does not let us run sg_persist/],
  [persist, 1, 'sudo: パスワードが必要です\n', /^sudo -n does not let us run sg_persist/],
  [persist, 1, 'sudo: sorry, you must have a tty to run sudo\n', /^sudo -n does not let us run sg_persist/],
  [persist, 1, 'sudo-rs: interactive authentication is required\n', /^sudo -n does not let us run/],
  [
    persist,
    1,
    "Sorry, user qa is not allowed to execute '/usr/bin/sg_persist -n -k /dev/sda' as root on node1.\n",
    /^sudo -n does not let us run sg_persist/,
  ],
  [persist, 1, 'qa is not in the sudoers file.\nThis incident has been reported.\n', /^sudo -n does not let us run/],
  [
    persist,
    1,
    'sudo: unable to resolve host node1: Name or service not known\nsudo: a password is required\n',
    /: a password is required$/,
  ],
  [['ls'], 1, 'This account is currently not available.\n', /nologin/],
])('%j, exit %i, %j', (argv, exit, stderr, expected) => {
  const said = environmentRefusal(argv, { exit, stderr })
  if (typeof expected === 'string') expect(said).toBe(expected)
  else expect(said).toMatch(expected)
})

test.each([
  [persist, 0, 'sudo: unable to resolve host node1: Name or service not known\n'],
  [['sudo', '-n', '--', 'test', '-r', '/x'], 1, 'sudo: unable to resolve host node1: Name or service not known\n'],
  [persist, 1, "sg_persist: invalid option -- 'y'\n"],
  [persist, 24, 'PR in: aborted\n'],
  [persist, 5, 'sudo: is a word\n'],
  [['grep', '-q', 'x', 'y'], 1, ''],
  [persist, null, ''],
])('%j, exit %j, %j is the program itself', (argv, exit, stderr) =>
  expect(environmentRefusal(argv, { exit, stderr })).toBeUndefined(),
)
