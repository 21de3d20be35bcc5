import { commandsIn, isAssignment, type CommandFound } from '../power/commands-in.ts'
import { shellCommands } from '../power/shell-commands.ts'

/** How a program takes its options, and which of them take a secret (from its man page). */
interface Tool {
  readonly program: RegExp
  /** short options whose value is a secret */
  readonly secret: string
  /** the other short options that take a value: what follows them is no option */
  readonly values?: string
  /** long options of its own that take a secret and do not say so in their name */
  readonly long?: RegExp
  /** only such values are secrets: `curl -u name` asks for the password */
  readonly onlyValue?: RegExp
  /** what to use instead */
  readonly instead: string
}

const snmpAgent =
  /^fence_(.*snmp.*|ibmblade|cisco_mds|emerson|ifmib|intelmodular|brocade_mib|rsb_mib|eps_snmp|wti_snmp|hpblade_snmp)$/
const agentValues = 'anlouSkBbEdi'
const agentScript = '--password-script=FILE on that host'
const file = 'a file or a variable that the tool reads on that host'

/** Programs whose -p is a port, a path, a process or a level. */
const portPrograms = new RegExp(
  '^(ssh|scp|sftp|ssh-copy-id|ssh-keyscan|mkdir|cp|ps|nmap|telnet|console|conman|nc|ncat|socat|journalctl|systemctl|' +
    'top|pgrep|pkill|install|tar|ls|find|psql|iscsiadm|sudo|doas)$',
)

const tools: readonly Tool[] = [
  {
    program: /^ipmitool$/,
    secret: 'Pky',
    values: 'IHUfSCLAtblmoOpRNzdBTDe',
    instead: 'ipmitool -f FILE, a file on that host that only its user can read',
  },
  {
    // FreeIPMI
    program: /^(ipmi(power|console|ping|detect)|ipmi-[a-z-]+|bmc-[a-z]+|rmcpping)$/,
    secret: 'pk',
    values: 'hulWDI',
    long: /^--(password|k-g)$/,
    instead: 'freeipmi.conf on that host (--config-file=FILE), or -P, which asks',
  },
  { program: /^(ipmiutil|iseltime|ihealth|ireset)$/, secret: 'P', values: 'NUVTJFR', instead: 'ipmiutil -E' },
  { program: /^i?d?racadm\d*$/, secret: 'p', values: 'ru', instead: 'racadm -i, or racadm over SSH with a key' },
  { program: /^hponcfg$/, secret: 'p', values: 'fwsumlt', instead: 'hponcfg on the server itself, without a login' },
  { program: /^(ilorest|hpilo_cli|iLOrest|hprest)$/, secret: 'p', values: 'ulc', instead: file },
  { program: /^(redfishtool|redfish-.*|rf_.*)$/, secret: 'p', values: 'urAcCTMILSDHP', instead: 'redfishtool -c FILE' },
  { program: /^(sum|saa|smcipmitool|onecli|asu|asu64)$/i, secret: 'p', values: 'iulcf', instead: file },
  { program: /^(esxcli|vmware-cmd|vicfg-.*|vifs|govc|vmrun)$/, secret: 'p', values: 'usvhT', instead: file },
  { program: snmpAgent, secret: 'pcP', values: agentValues, instead: 'the driver apc-snmp with communityVariable' },
  { program: /^fence_(aws|ibm_vpc|ibm_powervs)$/, secret: 'pst', values: agentValues, instead: agentScript },
  { program: /^fence_(x?virtd?|xvm|sbd|scsi|mpath)$/, secret: '', values: 'adeHkpTtiIloC', instead: agentScript },
  { program: /^fence_/, secret: 'p', values: `${agentValues}c`, instead: agentScript },
  { program: /^stonith(_admin)?$/, secret: 'p', values: 'tTF', instead: 'stonith -F FILE on that host' },
  {
    program: /^snmp(get|set|walk|getnext|bulkget|bulkwalk|table|status|test|usm|df|delta|trap|inform|vacm|netstat)$/,
    secret: 'cAXkK',
    values: 'vualxenErtmMOIPLZTC3',
    instead: 'defCommunity in snmp.conf on that host',
  },
  { program: /^sshpass$/, secret: 'p', values: 'fdP', instead: 'keys and the ssh-agent' },
  {
    program: /^curl$/,
    secret: 'uU',
    values: 'HdFXoTbcAeKmwxyYzrEtCDQP',
    long: /^--(user|proxy-user|cert|proxy-cert)$/,
    onlyValue: /:./,
    instead: 'curl --netrc on that host',
  },
  {
    program: /^(smbclient|rpcclient|net|winexe|wmic|smbget|smbmap)$/,
    secret: 'U',
    values: 'AWIpTcmDdkn',
    onlyValue: /%./,
    instead: 'an authentication file (-A FILE) on that host',
  },
  {
    program: /^(https?|xh)$/,
    secret: 'a',
    values: 'AospbS',
    onlyValue: /:./,
    instead: 'a session or .netrc on that host',
  },
  { program: /^lftp$/, secret: 'u', values: 'epcf', onlyValue: /,./, instead: '.netrc on that host' },
  { program: /^(mysql.*|mariadb.*)$/, secret: 'p', values: 'huPDe', instead: 'an option file on that host' },
  { program: /^(upsrw|upscmd)$/, secret: 'p', values: 'usv', instead: file },
  { program: /^(amtterm|amttool|wsman|meshcmd)$/, secret: 'p', values: 'uhP', instead: file },
  { program: /^(uemcli|naviseccli|purecli|hpeutil)$/, secret: 'p', values: 'ud', instead: file },
  {
    program: /^(ldapsearch|ldapmodify|ldapadd|ldapwhoami)$/,
    secret: 'w',
    values: 'HDbsyfpU',
    instead: 'ldapsearch -y FILE',
  },
  { program: /^redis-cli$/, secret: 'a', values: 'hpn', instead: 'REDISCLI_AUTH on that host' },
  { program: /^(docker|podman|az)$/, secret: '', instead: file },
  {
    program: portPrograms,
    secret: '',
    instead: file,
  },
]

/** Words that tell a secret, as the last part of a name: `--snmp-auth-passwd`, `IPMI_PASSWORD`, `RestAPIToken`. */
const secretWord =
  '(?:pass(?:w(?:or)?d|phrase|code|wd)?|pwd?|pass_?wd|secret|community|token|(?:api|auth|access|secret)[-_]?key|' +
  'credentials?|hexadecimal[-_]kg|bearer)'
const secretOption = new RegExp(`^--?(?:[A-Za-z0-9]+[-_.])*[A-Za-z0-9]*?${secretWord}$`, 'i')
const secretName = new RegExp(`(?:^|[-_.\\s"'])[A-Za-z0-9]*?${secretWord}$`, 'i')
/** What only says where the secret is, or that it is asked for; and words that end like one. */
const harmlessName = new RegExp(
  '(?:file|path|script|env|stdin|prompt|fd|variable|dir|min|max|length|type|source)$|' +
    '(?:^|[-_])(?:ask|prompt|no|without|read|get|use|by|bypass|low|multi|single)[-_]?pass|bypass$|compass$|onepass$',
  'i',
)

/** `$NAME`, `${NAME}`, `$(cat FILE)`: what stands in the file is not the secret; placeholders of templates neither. */
function isReference(value: string): boolean {
  const text = value.replace(/^["']|["']$/g, '')
  if (/^(\$\w+|\$\{\w+\}|\{[a-z]+\}|)$/i.test(text)) return true
  const inner = /^\$\(([^]*)\)$/.exec(text)?.[1] ?? /^`([^]*)`$/.exec(text)?.[1]
  return inner !== undefined && !/^\s*(echo|printf)\b/.test(inner)
}
/** A value that can be no secret: where it stands, or how it is got. */
const isElsewhere = (value: string | undefined) =>
  value === undefined || isReference(value) || /^(env|file|fd|stdin):/.test(value)

const dottedSecret = new RegExp(`^[A-Za-z0-9_]+(?:\\.[A-Za-z0-9_]+)*\\.[A-Za-z0-9_]*${secretWord}(?:_in)?$`, 'i')
/** `onecli --bmc USER:PASSWORD@HOST` */
const loginWithPassword = /^(?:-[A-Za-z]|--[\w-]+=)?[^\s:@/=]+:([^\s:@/]+)@[\w.-]+$/
const urlWithPassword = /[a-z][a-z0-9+.-]*:\/\/[^/\s:@'"]*:([^/\s@'"]+)@/i
const secretHeader = new RegExp(
  '^["\']?(?:proxy-)?authorization:|^["\']?x-(?:auth|api|vault|access)[a-z-]*(?:token|key):|' +
    '^["\']?cookie:\\s*\\S*(?:session|token|sid)',
  'i',
)
/** `passwd=x`, `"Password": "x"`, `node.session.auth.password`, in any argument */
const secretPair = new RegExp(
  `(?:^|[\\s&?,;{("'/._-])([A-Za-z0-9_.-]*${secretWord})["']?\\s*[=:]\\s*(["']?[^\\s"'&,;})]+)`,
  'gi',
)

/**
 * What to use instead of a secret that stands in the arguments of a command; undefined where none does. Looked at are
 * the programs that are known, wherever they stand behind others (`sudo`, `env`, `sh -c`, `ssh HOST`), options and
 * variables whose names tell it, URLs and headers. A reference (`$NAME`, `$(cat FILE)`) is no secret, and neither is a
 * file.
 */
export function secretArgument(argv: readonly string[]): string | undefined {
  for (const argument of argv) {
    const said = inText(argument)
    if (said !== undefined) return said
  }
  for (const command of everyCommand(argv)) {
    const said = inCommand(command)
    if (said !== undefined) return said
  }
  return undefined
}

/** Also behind wrappers that nobody knows (`mywrap ipmitool …`), and in texts that another language runs. */
function everyCommand(argv: readonly string[]): readonly CommandFound[] {
  const found = commandsIn(argv)
  const inner = found.flatMap((command) => {
    if (toolOf(command.program)) return []
    const at = command.arguments.findIndex((word) => toolOf(word.split('/').at(-1) ?? ''))
    const texts = command.arguments.filter((word) => /\s/.test(word))
    return [
      ...(at < 0 ? [] : everyCommand(command.arguments.slice(at))),
      ...texts.flatMap((text) =>
        shellCommands(text).flatMap((words) => {
          const start = words.findIndex((word) => toolOf(word.split('/').at(-1) ?? ''))
          return start < 0 ? [] : commandsIn(words.slice(start))
        }),
      ),
    ]
  })
  return [...found, ...inner]
}

const toolOf = (program: string) => tools.find((tool) => tool.program.test(program))

function inCommand({ program, arguments: words, assignments }: CommandFound): string | undefined {
  if (assignments.some(assignsSecret)) return file
  const tool = toolOf(program)
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const next = words[at + 1]
    if (!/\s/.test(word) && isAssignment(word) && assignsSecret(word)) return file
    // `racadm set iDRAC.Users.2.Password X`, `iscsiadm … -n node.session.auth.password -v X`
    if (dottedSecret.test(word)) {
      const value = next === '-v' ? words[at + 2] : next
      if (!isElsewhere(value) && !isOption(value ?? '-')) return tool?.instead ?? file
    }
    if (!word.startsWith('-') || word.length < 2) continue
    const [, option = '', glued] = /^(--?[^=]+)(?:=([^]*))?$/.exec(word) ?? []
    if (/^-{1,2}(?:first|last|one|two)?-?pass$/i.test(option) && /^\d$/.test(glued ?? next ?? '')) continue
    const ownLong = tool?.long?.test(option) ?? false
    if (telling(option) || ownLong) {
      const value = glued ?? (next !== undefined && isOption(next) ? undefined : next)
      const path = /^(\/|~\/|\.{1,2}\/)/.test(value ?? '') && !/pass|pw|comm/i.test(option)
      const onlyName = ownLong && !(tool?.onlyValue?.test(value ?? '') ?? true)
      if (!isElsewhere(value) && !path && !onlyName) return tool?.instead ?? file
      continue
    }
    if (tool === undefined || word.startsWith('--')) continue
    const letters = [...word.slice(1)]
    const first = letters.findIndex((letter) => tool.secret.includes(letter) || tool.values?.includes(letter))
    if (first < 0) continue
    const rest = word.slice(first + 2)
    const value = rest !== '' ? rest : next !== undefined && isOption(next) ? undefined : next
    if (rest === '' && value !== undefined) at += 1
    if (!tool.secret.includes(letters[first] ?? '')) continue
    // mysql takes a password only where it is glued to the option
    if (/^(mysql|mariadb)/.test(program) && rest === '') continue
    if (!isElsewhere(value) && (tool.onlyValue?.test(value ?? '') ?? true)) return tool.instead
  }
  // SMCIPMITool HOST USER PASSWORD …
  if (/^smcipmitool$/i.test(program) && words.slice(0, 3).filter((word) => !word.startsWith('-')).length === 3)
    return file
  return tool === undefined ? inUnknown(program, words) : undefined
}

/** A program that nobody knows and that is given a user and, by `-p`, something that is neither a port nor a path. */
function inUnknown(program: string, words: readonly string[]): string | undefined {
  const user = words.some((word) => /^(-[uUl]|--?(user(name)?|login))(=|$)/.test(word))
  const manages = /ipmi|racadm|drac|ilo|redfish|bmc|pdu|fence|snmp|amt|ups|power/i.test(program)
  if (!user && !manages) return undefined
  const values = words.flatMap((word, at) => {
    if (/^-[pP]$/.test(word)) return words[at + 1] ?? []
    return /^-[pP](.+)$/.exec(word)?.[1] ?? []
  })
  const suspicious = values.some(
    (value) => !isElsewhere(value) && !isOption(value) && !/^\d+$|^\.{0,2}\/|^[~]\//.test(value),
  )
  return suspicious ? file : undefined
}

const isOption = (word: string) => /^-\D/.test(word)

/** Does the name of an option tell that its value is a secret? Long options may be cut short: `--passw`. */
function telling(option: string): boolean {
  if (harmlessName.test(option)) return false
  return secretOption.test(option) || /^--(passw|passwo|passwor|passp\w*|commun\w*)$/i.test(option)
}

function assignsSecret(word: string): boolean {
  const [, name = '', value = ''] = /^([A-Za-z_]\w*)=([^]*)$/.exec(word) ?? []
  return secretName.test(name) && !harmlessName.test(name) && !isElsewhere(value) && !/^(\/|~\/|\d$)/.test(value)
}

function inText(text: string): string | undefined {
  const password = urlWithPassword.exec(text)?.[1]
  if (password !== undefined && !isReference(password)) return 'a URL without a password'
  const login = loginWithPassword.exec(text)?.[1]
  if (login !== undefined && !isReference(login)) return 'a login without a password'
  const header = text.replace(/^(-H|--header=?)/, '')
  if (secretHeader.test(header) && !/\$(\w|[{(])/.test(header))
    return 'a header that the tool reads from a file on that host'
  // openssl's way to write a password
  if (/^pass:./.test(text)) return 'file: or env:'
  for (const [, name = '', value = ''] of text.matchAll(secretPair)) {
    const bare = value.replace(/^["']|["']$/g, '')
    if (harmlessName.test(name) || isElsewhere(value) || /^(\/|~\/|\$)/.test(bare)) continue
    if (bare !== '') return file
  }
  return undefined
}
