import { commandsIn } from './commands-in.ts'

/**
 * Programs whose status command ends with 0 whatever the state is, and what they print: ipmitool(1) `chassis power
 * status`, ipmipower(8), Dell racadm `serveraction powerstatus`, virsh(1) `domstate`, and others of the kind. Their
 * exit status says whether they could ask, so an outlet would always be on.
 */
const programs: readonly { readonly program: RegExp; readonly on: string; readonly off: string }[] = [
  { program: /^(ipmitool|ipmiutil|ipmi-chassis)$/, on: 'Chassis Power is on', off: 'Chassis Power is off' },
  { program: /^(ipmipower|pm|powerman)$/, on: 'on', off: 'off' },
  { program: /^(i?racadm\d*|idracadm\d*)$/, on: 'Server power status: ON', off: 'Server power status: OFF' },
  { program: /^virsh$/, on: 'running', off: 'shut off' },
  { program: /^(hponcfg|hpilo_cli|ilorest|redfishtool|rf_power_reset|SMCIPMITool|sum|onecli)$/i, on: 'On', off: 'Off' },
  { program: /^(VBoxManage|vboxmanage)$/, on: 'running', off: 'poweroff' },
  { program: /^(vmrun|vim-cmd|esxcli|govc)$/, on: 'Powered on', off: 'Powered off' },
  { program: /^(qm|pct)$/, on: 'status: running', off: 'status: stopped' },
  { program: /^(snmp(bulk)?(get|walk|getnext))$/, on: 'INTEGER: 1', off: 'INTEGER: 2' },
  { program: /^(curl|wget|http|https|xh)$/, on: '"on"', off: '"off"' },
  { program: /^(sispmctl|uhubctl|usbrelay|kasa|pyhs100|egctl|powermate|upsc|apcaccess)$/, on: 'on', off: 'off' },
  { program: /^(aws|az|gcloud|openstack|nova|xe|xl)$/, on: 'running', off: 'stopped' },
]

/**
 * The program of a status command that tells the state in words alone, however it is wrapped (`sudo`, `env`, `ssh
 * HOST`), and what it prints. Undefined where none is known, and where a shell script makes an exit status of it.
 */
export function tellsInWords(argv: readonly string[]): { program: string; on: string; off: string } | undefined {
  // a script may test what the program prints (`… | grep -q on`): then its last command is another one
  const last = commandsIn(argv).at(-1)
  if (last === undefined) return undefined
  const known = programs.find(({ program }) => program.test(last.program))
  return known && { program: last.program, on: known.on, off: known.off }
}
