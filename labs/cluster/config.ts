/**
 * What a node of the reference cluster is told: the cluster part (what the protocol needs) and the agent part (where the
 * things are on this host). The lab writes the file, the agent reads it; both use these schemas.
 */
import * as v from 'valibot'
import { parametersSchema, type Parameters } from './parameters.ts'
import { policyNames, type PolicyName } from './policy-names.ts'

/** A registration key, normalised: `0x`, lower case, no leading zeros. */
export const keySchema = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-f]{1,16}$/, 'a registration key is 0x and 1 to 16 lower-case hexadecimal digits'),
  v.check((key) => /^0x[1-9a-f]/.test(key), 'a registration key is not zero and has no leading zeros'),
)

const milliseconds = v.pipe(v.number(), v.minValue(1))
const nameSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'a name is letters, digits, . _ -'))

/** All times in milliseconds. The defaults suit the virtual lab (software emulation); a rack can halve them. */
export const timingsSchema = v.object({
  /** between two heartbeats on each private link */
  heartbeatInterval: v.optional(milliseconds, 200),
  /** a peer that is silent this long on every link is gone; one link silent this long is lost */
  peerTimeout: v.optional(milliseconds, 1600),
  /** how long a starting node only listens */
  joinListen: v.optional(milliseconds, 1500),
  /** how long a node that registered waits to be let in (or to be the one that forms the cluster) */
  joinTimeout: v.optional(milliseconds, 15_000),
  /** head start that the smaller sub-cluster gives to the larger */
  raceDelay: v.optional(milliseconds, 1500),
  /** how long a spectator waits for its racer's result before it panics */
  raceTimeout: v.optional(milliseconds, 40_000),
  /** a disk command that takes longer counts as unreachable */
  diskTimeout: v.optional(milliseconds, 5000),
  /** two steps further apart than this: this node itself was hung, its peers get one more peerTimeout */
  hangThreshold: v.optional(milliseconds, 1000),
  /** how long after the cluster formed before the group starts for the first time */
  groupSettle: v.optional(milliseconds, 3000),
  /** before a failed step that must not be given up (ejecting from a data disk) is tried again */
  retryDelay: v.optional(milliseconds, 1000),
  /** ping-tiebreak: how long a survivor waits before it takes the group over: the other side must have found no reply */
  survivorDelay: v.optional(milliseconds, 5000),
  /** ping-tiebreak: how long the group must be seen active twice before both nodes stop themselves */
  groupCheck: v.optional(milliseconds, 1000),
  /** attacker-defender: between wiping and reserving. Absent: 7 s, on Windows 10 s */
  attackWait: v.exactOptional(milliseconds),
  /** attacker-defender: between two cycles of the defender */
  defendInterval: v.optional(milliseconds, 3000),
  /** external-fencing: head start of the node with the group, so that the two do not fence each other */
  fenceDelay: v.optional(milliseconds, 5000),
  /** external-fencing: limit of one run of the fence command */
  fenceTimeout: v.optional(milliseconds, 30_000),
})

export const clusterNodeSchema = v.object({
  name: nameSchema,
  /** 0 to 31; the lowest of a sub-cluster is its racer */
  id: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(31)),
  keys: v.object({ coordination: keySchema, data: keySchema }),
})

/** The part the pure protocol reads. */
export interface ClusterConfig {
  /** heartbeats of another cluster's name are ignored */
  readonly cluster: string
  readonly policy: PolicyName
  /** this node's name */
  readonly node: string
  readonly nodes: readonly ClusterNode[]
  readonly links: readonly { readonly name: string }[]
  /** in the order of the race; an odd number, at least three */
  readonly coordination: readonly { readonly name: string }[]
  readonly data: readonly { readonly name: string }[]
  /** the node where the group starts when the cluster forms; otherwise the lowest member */
  readonly preferred?: string | undefined
  readonly timings: Timings
  readonly parameters: Parameters
}
export type ClusterNode = v.InferOutput<typeof clusterNodeSchema>
export type Timings = v.InferOutput<typeof timingsSchema>

const lunSchema = v.object({
  name: nameSchema,
  /** block device on this host, resolved by the lab */ device: v.string(),
})

export const ledgerSchema = v.object({
  /** name of the data disk; the first one if absent */
  lun: v.optional(nameSchema),
  writesPerSecond: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(1000)), 10),
  /** bytes of the disk that belong to one node, after one reserved block of 4096 */
  regionBytes: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(8192),
      v.check((bytes) => bytes % 4096 === 0, 'a multiple of 4096'),
    ),
    8 * 1024 * 1024,
  ),
  /**
   * also write every record into a log that all nodes share, its slot being its number: what a stale writer overwrites there
   * is lost for good. Absent: yes, but for coordinator-race
   */
  shared: v.exactOptional(v.boolean()),
  /** direct I/O. Only a test on a file system without O_DIRECT turns it off */
  direct: v.optional(v.boolean(), true),
})

/** The whole file that `agent run CONFIG.json` reads. */
export const agentConfigSchema = v.pipe(
  v.object({
    cluster: v.optional(nameSchema, 'fencelab'),
    policy: v.optional(v.picklist(policyNames), 'coordinator-race'),
    node: nameSchema,
    nodes: v.pipe(
      v.array(
        v.object({
          ...clusterNodeSchema.entries,
          /** this node's address on each private link: {priv1: '10.77.1.11'} */
          addresses: v.record(v.string(), v.pipe(v.string(), v.ip())),
          /** that feed it, as the testbed names them (`pdu1/3`): for a fence command */
          outlets: v.optional(v.array(v.string()), []),
        }),
      ),
      v.minLength(2, 'a cluster has at least two nodes'),
    ),
    links: v.pipe(
      v.array(
        v.object({
          name: nameSchema,
          /** informational: the interface that carries the link on this host */
          interface: v.optional(v.string()),
          port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)), 7710),
        }),
      ),
      v.minLength(1, 'at least one private link'),
    ),
    /** in the order of the race; only coordinator-race has them */
    coordination: v.array(lunSchema),
    data: v.pipe(v.array(lunSchema), v.minLength(1, 'at least one data disk')),
    preferred: v.optional(nameSchema),
    timings: v.optional(timingsSchema, {}),
    parameters: v.optional(parametersSchema, {}),
    /** the agent appends one JSON object a line */
    logFile: v.string(),
    /** unix socket for `agent ctl` */
    socket: v.string(),
    /** kept fresh by the agent: its status, to be read without starting a process */
    statusFile: v.optional(v.string()),
    /** directory for requests as files, see main/agent/file-control.ts */
    requests: v.optional(v.string()),
    /** the programs of sg3_utils that send the commands */
    sgPersist: v.optional(v.string(), 'sg_persist'),
    sgTurs: v.optional(v.string(), 'sg_turs'),
    sgRaw: v.optional(v.string(), 'sg_raw'),
    sgReset: v.optional(v.string(), 'sg_reset'),
    ping: v.optional(v.string(), 'ping'),
    bootIdFile: v.optional(v.string(), '/proc/sys/kernel/random/boot_id'),
    kmsgFile: v.optional(v.string(), '/dev/kmsg'),
    sysrqFile: v.optional(v.string(), '/proc/sysrq-trigger'),
    ledger: v.optional(ledgerSchema, {}),
  }),
  v.check((config) => config.nodes.some((node) => node.name === config.node), 'node is not one of nodes'),
  v.check((config) => unique(config.nodes.map((node) => node.name)), 'two nodes have the same name'),
  v.check((config) => unique(config.nodes.map((node) => node.id)), 'two nodes have the same id'),
  v.check((config) => unique(config.nodes.map((node) => node.keys.coordination)), 'two nodes have the same key'),
  v.check((config) => unique(config.nodes.map((node) => node.keys.data)), 'two nodes have the same key'),
  v.check((config) => unique(config.links.map((link) => link.name)), 'two links have the same name'),
  v.check(
    (config) => unique([...config.coordination, ...config.data].map((lun) => lun.name)),
    'two LUNs have the same name',
  ),
  v.check(
    (config) => config.nodes.every((node) => config.links.every((link) => node.addresses[link.name] !== undefined)),
    'every node needs an address on every link',
  ),
  v.check(
    (config) => config.preferred === undefined || config.nodes.some((node) => node.name === config.preferred),
    'preferred is not one of nodes',
  ),
  v.check(
    ({ policy, coordination }) => policy !== 'coordinator-race' || coordination.length >= 3,
    'at least three coordination points',
  ),
  v.check(
    ({ policy, coordination }) => policy !== 'coordinator-race' || coordination.length % 2 === 1,
    'an odd number of coordination points, so that a race has a winner',
  ),
  v.check(
    (config) => config.policy !== 'ping-tiebreak' || config.parameters.tieBreaker !== undefined,
    'ping-tiebreak needs parameters.tieBreaker',
  ),
  v.check(
    (config) => config.policy !== 'external-fencing' || config.parameters.fence !== undefined,
    'external-fencing needs parameters.fence',
  ),
  v.check(
    (config) => config.policy !== 'reserve-release' || config.nodes.length === 2,
    'reserve-release is for two nodes',
  ),
  v.check(
    (config) => (config.parameters.seed ?? 1) <= config.nodes.length,
    'parameters.seed is more than there are nodes',
  ),
  v.check(
    (config) => config.ledger.lun === undefined || config.data.some((lun) => lun.name === config.ledger.lun),
    'ledger.lun is not one of data',
  ),
)

/** What `agent scan` needs; it also runs on a host that is no node. A whole agent configuration will do. */
export const scanConfigSchema = v.object({
  policy: v.optional(v.picklist(policyNames), 'coordinator-race'),
  nodes: v.pipe(v.array(v.object({ name: nameSchema, id: clusterNodeSchema.entries.id })), v.minLength(1)),
  data: v.pipe(v.array(lunSchema), v.minLength(1)),
  ledger: v.optional(ledgerSchema, {}),
})

export type ScanConfig = v.InferOutput<typeof scanConfigSchema>
export type AgentConfig = v.InferOutput<typeof agentConfigSchema>
/** What the lab writes: defaults may be left out. */
export type AgentConfigInput = v.InferInput<typeof agentConfigSchema>

/**
 * Reads a parsed configuration.
 * @throws Error listing every problem with its path
 */
export function readAgentConfig(value: unknown): AgentConfig {
  return read(agentConfigSchema, value)
}

/** Is there a log that all nodes write to, besides each one's own region? */
export function hasSharedLedger(config: Pick<ScanConfig, 'policy' | 'ledger'>): boolean {
  return config.ledger.shared ?? config.policy !== 'coordinator-race'
}

/** The same for `agent scan`. */
export function readScanConfig(value: unknown): ScanConfig {
  return read(scanConfigSchema, value)
}

function read<T extends v.GenericSchema>(schema: T, value: unknown): v.InferOutput<T> {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? '(whole file)'}: ${issue.message}`)
  throw new Error(`agent configuration: ${problems.join('; ')}`)
}

function unique(values: readonly (string | number)[]): boolean {
  return new Set(values).size === values.length
}
