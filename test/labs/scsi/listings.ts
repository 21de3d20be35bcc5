/** Arbitrary answers of a device, for properties over the parsers. */
import fc from 'fast-check'
import type { FullStatus, FullStatusEntry, Inquiry, KeyTable, ReservationAnswer } from '../../../labs/scsi/listing.ts'
import type { TransportId } from '../../../labs/scsi/transport-id.ts'

/** Any key that can be registered: 0 is none. */
export const anyKey = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map((value) => `0x${value.toString(16)}`)
const generation = fc.nat(2 ** 32 - 1)

const word = (maxLength: number) => fc.stringMatching(new RegExp(`^[A-Z][A-Z0-9_-]{0,${maxLength - 1}}$`))
export const inquiry: fc.Arbitrary<Inquiry> = fc.record({
  vendor: word(8),
  product: fc.tuple(word(7), word(8)).map((words) => words.join(' ')),
  revision: word(4),
  peripheral: fc.constantFrom('disk', 'processor', 'storage array controller'),
})
const maybeInquiry = fc.option(inquiry, { nil: undefined })

const holds = fc.record({ scope: fc.constantFrom('LU_SCOPE' as const, 1, 15), type: fc.nat(15) })

const hexDigits = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`))
const iscsiName = fc.stringMatching(/^iqn\.20[0-9]{2}-[01][0-9]\.[a-z]{1,8}:[a-z0-9.-]{1,20}$/)
export const transport: fc.Arbitrary<TransportId> = fc.oneof(
  iscsiName.map((name) => ({ protocol: 'iscsi' as const, name })),
  fc.record({
    protocol: fc.constant('iscsi' as const),
    name: iscsiName,
    isid: hexDigits(12).map((isid) => `0x${isid}`),
  }),
  hexDigits(16).map((portName) => ({ protocol: 'fc' as const, portName })),
  hexDigits(16).map((address) => ({ protocol: 'sas' as const, address })),
)

const entry: fc.Arbitrary<FullStatusEntry> = fc
  .record({
    key: anyKey,
    port: fc.option(fc.nat(0xffff), { nil: undefined }),
    holds: fc.option(holds, { nil: undefined }),
    transport: fc.option(transport, { nil: undefined }),
  })
  .map(({ key, port, ...optional }) => ({
    key,
    allTargetPorts: port === undefined,
    ...(port === undefined ? {} : { relativePort: port }),
    ...(optional.holds === undefined ? {} : { holds: optional.holds }),
    ...(optional.transport === undefined ? {} : { transport: optional.transport }),
  }))

function withInquiry<T extends object>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T & { inquiry?: Inquiry }> {
  return fc
    .tuple(arbitrary, maybeInquiry)
    .map(([answer, found]) => ({ ...answer, ...(found === undefined ? {} : { inquiry: found }) }))
}

export const keyTable: fc.Arbitrary<KeyTable> = withInquiry(
  fc.record({
    generation,
    // few distinct keys, so that tables repeat them as multipath does
    keys: fc.oneof(fc.array(anyKey, { maxLength: 6 }), fc.array(fc.constantFrom('0x1', '0xabc001'), { maxLength: 12 })),
  }),
)
export const reservationAnswer: fc.Arbitrary<ReservationAnswer> = withInquiry(
  fc.record({
    generation,
    reservation: fc.option(
      fc.tuple(anyKey, holds).map(([key, held]) => ({ key, ...held })),
      { nil: null },
    ),
  }),
)
export const fullStatus: fc.Arbitrary<FullStatus> = withInquiry(
  fc.record({ generation, entries: fc.array(entry, { maxLength: 5 }) }),
)
