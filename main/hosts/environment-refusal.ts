import { commandsIn } from '../../labs/power/commands-in.ts'

export interface EndedCommand {
  readonly exit: number | null
  readonly stdout?: string
  readonly stderr: string
}

/** Packages that bring a program, for those that a lab's hosts need and may lack. */
const packages: Readonly<Record<string, string>> = {
  sg_persist: 'package sg3-utils or sg3_utils',
  mpathpersist: 'package multipath-tools or device-mapper-multipath',
  ip: 'package iproute2',
  blkid: 'package util-linux',
  iptables: 'package iptables',
  nft: 'package nftables',
  tc: 'package iproute2 or iproute-tc',
  sudo: 'package sudo',
}

/**
 * What kept a command from being run at all, in words for people: it is not there, or sudo does not let us. Undefined
 * where the program itself ended so. The shell and env(1) end with 127 and 126; sudo ends with 1 and says its own name,
 * whatever language it speaks; its lines about the host's name are warnings, after which it goes on.
 *
 * @param argv the command as it was to be run, with or without the `sudo` before it
 */
export function environmentRefusal(
  argv: readonly string[],
  { exit, stdout = '', stderr }: EndedCommand,
): string | undefined {
  const program =
    commandsIn(argv).find(({ program: name }) => !/^(sudo|doas|env|timeout|nice)$/.test(name))?.program ?? ''
  const script = /^(ba|da|a|k|z)?sh$/.test(program)
  if (exit === 127 || exit === 126) {
    const named = /(?:^|[\s:])([\w./+-]+): (?:command )?not found\s*$/m.exec(stderr)?.[1]?.split('/').at(-1)
    const missing = script || named === 'sudo' ? (named ?? 'a program of the script') : program
    if (exit === 127) return notInstalled(missing)
    return `${missing} is there and cannot be executed (exit 126): is it executable, and built for this machine?`
  }
  if (exit !== 1) return undefined
  if (/^This account is (currently )?not available/m.test(`${stdout}\n${stderr}`)) {
    return 'the login may not run commands there (its shell is nologin)'
  }
  const lines = [...stderr.matchAll(/^(?:sudo(?:-rs)?|doas): (.*)$/gm)].flatMap((match) => match[1] ?? [])
  const grave = lines.filter((line) => !sudoWarning.test(line))
  const elsewhere = stderr.split('\n').find((line) => sudoDenial.test(line))
  const said = grave[0] ?? elsewhere
  if (said === undefined) return undefined
  // "sudo: sg_persist: command not found", "sudo: sg_persist: Befehl nicht gefunden"
  const wanted = /^(?:\S*\/)?([\w.+-]+): /.exec(said)?.[1]
  if (wanted !== undefined && (wanted === program || script)) return notInstalled(wanted)
  const what = script || program === '' ? 'it' : program
  return `sudo -n does not let us run ${what} (allow it with NOPASSWD in sudoers): ${said.trim()}`
}

/** What sudo says and goes on. */
const sudoWarning = /^(unable to resolve host|warning|setrlimit|unable to (send|stat) (audit|log)|account validation)/i
/** Refusals of sudo that do not begin with its name (sudoers plugin, log_denial; sudo-rs). */
const sudoDenial =
  /^Sorry, user \S+ |is not in the sudoers file|is not allowed to (run sudo|execute)|I'm sorry \S+\. I'm afraid/

const notInstalled = (program: string) =>
  `${program} is not installed${packages[program] === undefined ? ', or not in the PATH' : ` (${packages[program]})`}`
