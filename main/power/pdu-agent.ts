/**
 * A PDU for labs whose machines are virtual: it speaks the outlet part of the APC rack PDU's MIB over real SNMP, and
 * somebody else does the switching. Drivable by fence_apc_snmp and by fencelab's own driver (`model: rpdu`).
 */
import { createSocket, type Socket } from 'node:dgram'
import { isIP } from 'node:net'
import * as snmp from 'net-snmp'
import { actionWritten, rpduMib, type PduAction } from '../../labs/power/rpdu-mib.ts'

export interface PduAgentOptions {
  /** a loopback address: whoever reaches the agent and knows the community can power the lab's machines off */
  readonly address: string
  /** UDP port; 0: any free one */
  readonly port: number
  /** the names of the outlets, outlet 1 first: what hangs on them */
  readonly outlets: readonly string[]
  /** who may read and write with SNMP versions 1 and 2c */
  readonly community: string
  /** who may only read */
  readonly readOnlyCommunity?: string
  /** who may read and write with SNMP version 3 */
  readonly user?: PduUser
  /**
   * An outlet was told something. Called once per write, before the answer; it is not waited for, as a PDU's relays are
   * not. A write that is refused for its number never comes here. `outlet` counts from 1.
   */
  onCommand(outlet: number, action: PduAction): void | Promise<void>
  /** what an outlet is at this moment: asked at every read */
  stateOf(outlet: number): 'on' | 'off'
  /** what went wrong in here: a packet that is no SNMP, an unknown community, a failed `onCommand` */
  onProblem?(problem: Error): void
}

export interface PduUser {
  readonly name: string
  readonly authentication: { readonly protocol: 'md5' | 'sha' | 'sha256' | 'sha512'; readonly password: string }
  readonly privacy?: { readonly protocol: 'des' | 'aes'; readonly password: string }
}

export interface PduAgent {
  readonly address: string
  readonly port: number
  /** Ends the agent; it answers no more. */
  close(): Promise<void>
}

/** Starts the agent. Rejects where the address is no loopback address or is in use. */
export async function startPduAgent(options: PduAgentOptions): Promise<PduAgent> {
  const { address, port, outlets } = options
  if (!isLoopback(address)) throw new Error(`a PDU agent listens on loopback only, not on ${address}`)
  if (outlets.length === 0) throw new Error('a PDU has at least one outlet')
  const socket = await bound(address, port)
  const agent = snmp.createAgent(
    {
      accessControlModelType: snmp.AccessControlModelType.Simple,
      dgramModule: { createSocket: () => listening(socket) },
    },
    (error: Error | null) => {
      if (error !== null) options.onProblem?.(error)
    },
  ) as Agent
  answerVersion1(agent)
  admit(agent, options)
  serve(agent, options)
  return {
    address,
    port: socket.address().port,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
}

function bound(address: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(address === '::1' ? 'udp6' : 'udp4')
    socket.once('error', reject)
    socket.bind(port, address, () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

/** net-snmp binds by itself, tells nobody when it has, and cannot ask for a free port: it gets a socket that is bound. */
function listening(socket: Socket) {
  return {
    on: socket.on.bind(socket),
    send: socket.send.bind(socket),
    bind: () => undefined,
  }
}

/** The parts of net-snmp's agent that are used here; its types have none. */
interface Agent {
  getAuthorizer(): {
    addCommunity(community: string): void
    addUser(user: object): void
    getAccessControlModel(): {
      setCommunityAccess(community: string, level: snmp.AccessLevel): void
      setUserAccess(user: string, level: snmp.AccessLevel): void
    }
  }
  getMib(): {
    setScalarValue(name: string, value: string | number): void
    addTableRow(name: string, row: (string | number)[]): void
  }
  registerProvider(provider: object): void
  sendResponse(socket: unknown, rinfo: unknown, request: { version: number }, response: Response): void
}

interface Response {
  /** absent or 0: none */
  errorStatus?: number
  errorIndex?: number
  varbinds: { type: number }[]
}

interface MibRequest {
  readonly operation: number
  readonly testSet?: boolean
  readonly setValue?: unknown
  readonly instanceNode: { value: unknown; readonly oid: string }
  done(error?: { errorStatus: number }): void
}

/**
 * SNMPv1 knows no "no such instance" and no "end of MIB" in a value: there it is the error noSuchName (RFC 2089 2.1.1).
 * net-snmp answers version 1 with the values of version 2c, which snmpget takes for a success; fence_apc_snmp would then
 * report an outlet that does not exist as off, where a real PDU makes it fail.
 */
function answerVersion1(agent: Agent): void {
  const send = agent.sendResponse.bind(agent)
  agent.sendResponse = (socket, rinfo, request, response) => {
    const missing = response.varbinds.findIndex(({ type }) => type >= snmp.ObjectType.NoSuchObject)
    if (request.version === snmp.Version1 && missing >= 0 && !response.errorStatus) {
      response.errorStatus = snmp.ErrorStatus.NoSuchName
      response.errorIndex = missing + 1
      for (const varbind of response.varbinds) {
        if (varbind.type >= snmp.ObjectType.NoSuchObject) varbind.type = snmp.ObjectType.Null
      }
    }
    send(socket, rinfo, request, response)
  }
}

function admit(agent: Agent, { community, readOnlyCommunity, user }: PduAgentOptions): void {
  const authorizer = agent.getAuthorizer()
  const access = authorizer.getAccessControlModel()
  authorizer.addCommunity(community)
  access.setCommunityAccess(community, snmp.AccessLevel.ReadWrite)
  if (readOnlyCommunity !== undefined) {
    authorizer.addCommunity(readOnlyCommunity)
    access.setCommunityAccess(readOnlyCommunity, snmp.AccessLevel.ReadOnly)
  }
  if (user === undefined) return
  const { name, authentication, privacy } = user
  authorizer.addUser({
    name,
    level: privacy === undefined ? snmp.SecurityLevel.authNoPriv : snmp.SecurityLevel.authPriv,
    authProtocol: snmp.AuthProtocols[authentication.protocol],
    authKey: authentication.password,
    ...(privacy && { privProtocol: snmp.PrivProtocols[privacy.protocol], privKey: privacy.password }),
  })
  access.setUserAccess(name, snmp.AccessLevel.ReadWrite)
}

const readOnly = snmp.MaxAccess['read-only']
const integer = snmp.ObjectType.Integer
const text = snmp.ObjectType.OctetString

function serve(agent: Agent, options: PduAgentOptions): void {
  const started = Date.now()
  const scalar = (
    name: keyof typeof rpduMib.scalars,
    scalarType: snmp.ObjectType,
    value: string | number,
    handler?: (request: MibRequest) => void,
  ) => {
    agent.registerProvider({
      name,
      type: snmp.MibProviderType.Scalar,
      oid: rpduMib.scalars[name],
      scalarType,
      maxAccess: readOnly,
      ...(handler && { handler }),
    })
    agent.getMib().setScalarValue(name, value)
  }
  scalar('sysDescr', text, 'fencelab virtual PDU (APC rPDU MIB)')
  scalar('sysObjectID', snmp.ObjectType.OID, rpduMib.identity)
  scalar('sysUpTime', snmp.ObjectType.TimeTicks, 0, (request) => {
    request.instanceNode.value = Math.floor((Date.now() - started) / 10)
    request.done()
  })
  scalar('sysName', text, 'fencelab-pdu')
  scalar('rPDUIdentName', text, 'fencelab-pdu')
  scalar('rPDUIdentModelNumber', text, 'fencelab')
  scalar('rPDUIdentDeviceNumOutlets', integer, options.outlets.length)

  const column = (number: number, name: string, type: snmp.ObjectType, maxAccess = readOnly) => {
    return { number, name, type, maxAccess }
  }
  const table = (name: string, oid: string, tableColumns: object[], handler: (request: MibRequest) => void) => {
    const tableIndex = [{ columnNumber: 1 }]
    agent.registerProvider({ name, type: snmp.MibProviderType.Table, oid, tableColumns, tableIndex, handler })
  }
  table(
    'rPDUOutletControlEntry',
    rpduMib.controlEntry,
    [
      column(1, 'rPDUOutletControlIndex', integer),
      column(2, 'rPDUOutletControlOutletName', text),
      column(3, 'rPDUOutletControlOutletPhase', integer),
      column(4, 'rPDUOutletControlOutletCommand', integer, snmp.MaxAccess['read-write']),
      column(5, 'rPDUOutletControlOutletBank', integer),
    ],
    (request) => answerControl(request, options),
  )
  table(
    'rPDUOutletStatusEntry',
    rpduMib.statusEntry,
    [
      column(1, 'rPDUOutletStatusIndex', integer),
      column(2, 'rPDUOutletStatusOutletName', text),
      column(3, 'rPDUOutletStatusOutletPhase', integer),
      column(4, 'rPDUOutletStatusOutletState', integer),
      column(5, 'rPDUOutletStatusCommandPending', integer),
      column(6, 'rPDUOutletStatusOutletBank', integer),
    ],
    (request) => {
      refresh(request, options)
      request.done()
    },
  )
  for (const [index, name] of options.outlets.entries()) {
    const state = rpduMib.commands.on
    agent.getMib().addTableRow('rPDUOutletControlEntry', [index + 1, name, 1, state, 1])
    agent.getMib().addTableRow('rPDUOutletStatusEntry', [index + 1, name, 1, state, rpduMib.nothingPending, 1])
  }
}

/** Column 4 of both tables is the outlet's state, whatever was last written. */
function refresh({ instanceNode }: MibRequest, options: PduAgentOptions): void {
  const [column, outlet = 0] = instanceNode.oid.split('.').slice(-2).map(Number)
  if (column === 4) instanceNode.value = rpduMib.commands[options.stateOf(outlet)]
}

/** A write comes twice: to be tested, and, if all of the request's writes can be done, to be done. */
function answerControl(request: MibRequest, options: PduAgentOptions): void {
  if (request.operation !== snmp.PduType.SetRequest) {
    refresh(request, options)
    return request.done()
  }
  const action = actionWritten(request.setValue)
  if (action === undefined) return request.done({ errorStatus: snmp.ErrorStatus.WrongValue })
  if (request.testSet !== true) {
    const outlet = Number(request.instanceNode.oid.split('.').at(-1))
    const command = async () => options.onCommand(outlet, action)
    command().catch((error: unknown) => {
      const cause = error instanceof Error ? error : new Error(String(error))
      options.onProblem?.(new Error(`outlet ${outlet} could not be switched (${action}): ${cause.message}`, { cause }))
    })
  }
  request.done()
}
