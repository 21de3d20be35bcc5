/**
 * PDUs on loopback that speak real SNMP. `fakePdu` is told every OID and number by the test, and knows none of
 * fencelab's table: what is wrong in the table shows here. It may lie, be deaf, or die.
 */
import { createSocket } from 'node:dgram'
import * as snmp from 'net-snmp'

/** One variable: `entry.column.index`. */
export interface FakeVariable {
  readonly entry: string
  readonly column: number
  readonly index: readonly number[]
  read(): number
  write?(value: number): void
}

export interface FakePdu {
  readonly port: number
  close(): Promise<void>
}

interface Request {
  readonly operation: number
  readonly testSet?: boolean
  readonly setValue?: number
  readonly instanceNode: { value: unknown; readonly oid: string }
  done(): void
}

export async function fakePdu(
  identity: string,
  variables: readonly FakeVariable[],
  readOnly = false,
): Promise<FakePdu> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const dgramModule = {
    createSocket: () => ({ on: socket.on.bind(socket), send: socket.send.bind(socket), bind: () => undefined }),
  }
  const accessControlModelType = snmp.AccessControlModelType.Simple
  const agent = snmp.createAgent({ dgramModule, accessControlModelType }, () => undefined)
  const authorizer = agent.getAuthorizer()
  authorizer.addCommunity('right')
  authorizer
    .getAccessControlModel()
    .setCommunityAccess('right', readOnly ? snmp.AccessLevel.ReadOnly : snmp.AccessLevel.ReadWrite)
  agent.registerProvider({
    name: 'sysObjectID',
    type: snmp.MibProviderType.Scalar,
    oid: '1.3.6.1.2.1.1.2',
    scalarType: snmp.ObjectType.OID,
    maxAccess: snmp.MaxAccess['read-only'],
  })
  agent.getMib().setScalarValue('sysObjectID', identity)
  for (const entry of new Set(variables.map((variable) => variable.entry))) {
    serve(
      agent,
      entry,
      variables.filter((variable) => variable.entry === entry),
    )
  }
  return { port: socket.address().port, close: () => new Promise((resolve) => socket.close(() => resolve())) }
}

/** One row, whose variables have the same index. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- net-snmp's agent has no types
function serve(agent: any, entry: string, variables: readonly FakeVariable[]): void {
  const integer = (name: string, number: number, maxAccess: snmp.MaxAccess) => {
    return { name, number, type: snmp.ObjectType.Integer, maxAccess }
  }
  const index = variables[0]?.index ?? []
  const indexes = index.map((_, at) => integer(`index${at}`, 900 + at, snmp.MaxAccess['not-accessible']))
  const columns = variables.map(({ column, write }) =>
    integer(`column${column}`, column, write ? snmp.MaxAccess['read-write'] : snmp.MaxAccess['read-only']),
  )
  agent.registerProvider({
    name: entry,
    type: snmp.MibProviderType.Table,
    oid: entry,
    tableColumns: [...indexes, ...columns],
    tableIndex: indexes.map(({ name }) => ({ columnName: name })),
    handler(request: Request) {
      const column = Number(request.instanceNode.oid.slice(entry.length + 1).split('.')[0])
      const variable = variables.find((candidate) => candidate.column === column)
      if (request.operation !== snmp.PduType.SetRequest) request.instanceNode.value = variable?.read()
      else if (request.testSet !== true) variable?.write?.(request.setValue ?? NaN)
      request.done()
    },
  })
  agent.getMib().addTableRow(entry, [...index, ...variables.map(({ read }) => read())])
}
