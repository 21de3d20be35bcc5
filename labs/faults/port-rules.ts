/**
 * How a Linux target closes its ports to one initiator, and opens them again: shell over nftables. What the initiator sends
 * is dropped before TCP sees it, and so is what goes there. Routes cannot do that: the kernel finds its own addresses in
 * the table `local`, before any rule of the lab, and a write that was under way landed on a port that answered nobody.
 */

/** The table that holds the rules against one address. */
export const portTable = (address: string) => `fencelab_port_${address.replace(/[^0-9a-z]/gi, '_')}`

/** What nftables calls the protocol of an address. */
export const portFamily = (address: string) => (address.includes(':') ? 'ip6' : 'ip')

interface Words {
  readonly table: string
  readonly family: string
  readonly address: string
}

/** Shell that closes: all rules at once, and once is enough. The words are what stands for them in the shell: `$3`. */
export const closePort = ({ table, family, address }: Words) =>
  [
    // deletes what a first time left, whether there was one or not
    `nft "add table inet ${table}; delete table inet ${table}; add table inet ${table}; `,
    `add chain inet ${table} taken { type filter hook prerouting priority -300; }; `,
    `add chain inet ${table} sent { type filter hook output priority -300; }; `,
    `add rule inet ${table} taken ${family} saddr ${address} counter drop; `,
    `add rule inet ${table} sent ${family} daddr ${address} counter drop"`,
  ].join('')

/** Shell that opens; right where nothing is closed, too. */
export const openPort = ({ table }: Pick<Words, 'table'>) => `nft delete table inet "${table}" 2>/dev/null`

/** Lists the tables, and the rules of the one of $1 where it is there. */
export const showPort = 'nft list tables || exit 2; nft list table inet "$1" 2>/dev/null; exit 0'

/**
 * What the kernel says of a port.
 * @returns `open` where the table is not there; how many packets were dropped where both rules are; else `undefined`
 */
export function readPort(
  stdout: string,
  table: string,
): 'open' | { readonly taken: number; readonly sent: number } | undefined {
  if (!stdout.split(/\s+/).includes(table)) return 'open'
  const dropped = (chain: string, field: string) =>
    new RegExp(`chain ${chain} \\{[^}]*ip6? ${field} \\S+ counter packets (\\d+) bytes \\d+ drop`).exec(stdout)?.[1]
  const [taken, sent] = [dropped('taken', 'saddr'), dropped('sent', 'daddr')]
  return taken === undefined || sent === undefined ? undefined : { taken: Number(taken), sent: Number(sent) }
}
