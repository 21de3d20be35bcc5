import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatFullStatus } from '../../../labs/scsi/format-listing.ts'
import { parseFullStatus } from '../../../labs/scsi/parse-full-status.ts'
import { fullStatus } from './listings.ts'

// as sg_persist 1.46 printed it for a LUN of the Linux target
const twoNodes = `  PR generation=0x3
    Key=0xf9660000
      All target ports bit clear
      Relative port address: 0x1
      << Reservation holder >>
      scope: LU_SCOPE,  type: Write Exclusive, registrants only
      Transport Id of initiator:
        iSCSI world wide unique port id: iqn.2026-11.lab:nodea,i,0x00023d000001
    Key=0xf9660001
      All target ports bit clear
      Relative port address: 0x1
      not reservation holder
      Transport Id of initiator:
        iSCSI world wide unique port id: iqn.2026-11.lab:nodeb,i,0x00023d000001
`

describe('parseFullStatus', () => {
  it('ties every key to its initiator', () => {
    const node = (name: string) => ({ protocol: 'iscsi', name: `iqn.2026-11.lab:${name}`, isid: '0x00023d000001' })
    expect(parseFullStatus(twoNodes)).toEqual({
      ok: true,
      generation: 3,
      entries: [
        {
          key: '0xf9660000',
          allTargetPorts: false,
          relativePort: 1,
          holds: { scope: 'LU_SCOPE', type: 5 },
          transport: node('nodea'),
        },
        { key: '0xf9660001', allTargetPorts: false, relativePort: 1, transport: node('nodeb') },
      ],
    })
    expect(parseFullStatus('  PR generation=0x0\n  No full status descriptors\n')).toEqual({
      ok: true,
      generation: 0,
      entries: [],
    })
  })

  it('reads the initiators of every release and transport', () => {
    const transports = [
      '      Transport Id of initiator:\n        iSCSI name: iqn.2026-11.lab:nodea\n',
      '      Transport Id of initiator:\n        iSCSI name and session id: iqn.2026-11.lab:nodea,i,0x00023D000001\n',
      '      Transport Id of initiator:\n        FCP-2 World Wide Name:\n      21 00 00 24 ff 5a 6b 7c\n',
      '      Transport Id of initiator:\n        FCP-2 World Wide Name:\n 00     21 00 00 24 ff 5a 6b 7c\n',
      // sg3_utils 1.28 to 1.31
      '      Transport Id of initiator:\n        FCP-2 World Wide Name:\n 00     21 00 00 24 ff 5a 6b 7c                            !..$.Zk|\n',
      '      Transport Id of initiator:\n        SAS address: 0x500605b000a1b2c3\n',
      '      Transport Id short or not multiple of 4 [length=20]:\n        SAS address: 0x5\n',
      '      Transport Id of initiator:\n        Parallel SCSI initiator SCSI address: 0x7\n        relative port number (of corresponding target): 0x1\n',
      '      Transport Id of initiator:\n        FCP-2 World Wide Name:\n        [Unexpected TPID format: 1]\n      21 00 00 24 ff 5a 6b 7c\n',
      '',
    ].map((text) => {
      const status = parseFullStatus(
        `  PR generation=0x1\n    Key=0x1\n      All target ports bit set\n      not reservation holder\n${text}`,
      )
      return status.ok ? status.entries[0]?.transport : status.reason
    })
    expect(transports).toEqual([
      { protocol: 'iscsi', name: 'iqn.2026-11.lab:nodea' },
      { protocol: 'iscsi', name: 'iqn.2026-11.lab:nodea', isid: '0x00023d000001' },
      { protocol: 'fc', portName: '21000024ff5a6b7c' },
      { protocol: 'fc', portName: '21000024ff5a6b7c' },
      { protocol: 'fc', portName: '21000024ff5a6b7c' },
      { protocol: 'sas', address: '500605b000a1b2c3' },
      { protocol: 'sas', address: '0000000000000005' },
      {
        protocol: 'other',
        text: 'Parallel SCSI initiator SCSI address: 0x7\nrelative port number (of corresponding target): 0x1',
      },
      {
        protocol: 'other',
        text: 'FCP-2 World Wide Name:\n[Unexpected TPID format: 1]\n21 00 00 24 ff 5a 6b 7c',
      },
      undefined,
    ])
  })

  it('reads mpathpersist', () => {
    const bytes = (text: string) => `        ${text}`.padEnd(76)
    expect(
      parseFullStatus(
        '  PR generation=0x9 \n' +
          '   Key = 0x123abc\n      All target ports bit clear\n      Relative port address: 0x2\n' +
          '      << Reservation holder >>\n      scope: LU_SCOPE,  type: Exclusive Access, all registrants\n' +
          `   FCP-2 ${bytes('21 00 00 24 ff 5a 6b 7c')}\n` +
          '   Key = 0x123abc\n      All target ports bit set\n      not reservation holder\n   iSCSI name: iqn.2026-11.lab:nodea\n' +
          `   Key = 0x2\n      All target ports bit set\n      not reservation holder\n   SAS ${bytes('50 06 05 b0 00 a1 b2 c3')}\n`,
      ),
    ).toEqual({
      ok: true,
      generation: 9,
      entries: [
        {
          key: '0x123abc',
          allTargetPorts: false,
          relativePort: 2,
          holds: { scope: 'LU_SCOPE', type: 8 },
          transport: { protocol: 'fc', portName: '21000024ff5a6b7c' },
        },
        { key: '0x123abc', allTargetPorts: true, transport: { protocol: 'iscsi', name: 'iqn.2026-11.lab:nodea' } },
        { key: '0x2', allTargetPorts: true, transport: { protocol: 'sas', address: '500605b000a1b2c3' } },
      ],
    })
  })

  it.each([
    ['', 'the text is empty'],
    // also all that mpathpersist prints where nothing is registered
    ['  PR generation=0x3 \n', 'without saying that there are no entries'],
    ['  PR generation=0x3\n', 'without saying that there are no entries'],
    ['  PR generation=0x3\n  No full status descriptors\n    Key=0x1\n', 'and goes on'],
    ['  PR generation=0x3\n  Nothing\n', "entry 1: expected a key, got '  Nothing'"],
    ['  PR generation=0x3\n    Key=0x1\n', "entry 1: expected the all target ports bit, got 'the end'"],
    ['  PR generation=0x3\n    Key=0x1\n      All target ports bit clear\n', 'the relative port address'],
    ['  PR generation=0x3\n    Key=0x1\n      All target ports bit set\n', 'whether the nexus holds the reservation'],
    [
      '  PR generation=0x3\n    Key=0x1\n      All target ports bit set\n      << Reservation holder >>\n',
      "the holder's scope and type",
    ],
    [
      '  PR generation=0x3\n    Key=0x1\n      All target ports bit set\n      not reservation holder\n      Transport Id of initiator:\n',
      'breaks off before the initiator',
    ],
    ...[
      '        FCP-2 World Wide Name:\n',
      '        FCP-2 World Wide Name:\n        [Unexpected TPID format: 1]\n',
    ].map((heading) => [
      `  PR generation=0x3\n    Key=0x1\n      All target ports bit set\n      not reservation holder\n      Transport Id of initiator:\n${heading}`,
      'breaks off before the initiator',
    ]),
    [
      '  PR generation=0x3\n    Key=0x1\n      All target ports bit set\n      not reservation holder\nsomething else\n',
      "expected the initiator, got 'something else'",
    ],
    [
      '  PR generation=0x5\n    Key=0x0\n      All target ports bit clear\n      Relative port address: 0x0\n      not reservation holder\n',
      'a key that can be registered',
    ],
    ['  PR generation=0x0, there are NO registered reservation keys\n', 'expected the PR generation'],
  ])('does not take %j for an answer', (text, reason) => {
    expect(parseFullStatus(text)).toEqual({ ok: false, reason: expect.stringContaining(reason) })
  })

  it('reads back what sg_persist prints for any status', () => {
    fc.assert(
      fc.property(fullStatus, (status) => {
        expect(parseFullStatus(formatFullStatus(status))).toEqual({ ok: true, ...status })
      }),
    )
  })

  it('never makes a part of an answer into "nobody is registered", nor names what was not there', () => {
    fc.assert(
      fc.property(fullStatus, fc.nat(), (status, cut) => {
        const text = formatFullStatus(status)
        const part = parseFullStatus(text.slice(0, cut % text.length))
        if (!part.ok) return
        const last = { ...status.entries[part.entries.length - 1], ...part.entries.at(-1) }
        expect(part.entries.length).toBeGreaterThan(0)
        expect(part.entries.slice(0, -1)).toEqual(status.entries.slice(0, part.entries.length - 1))
        // the last entry may lack its initiator, but has nothing that the device did not say
        expect(status.entries[part.entries.length - 1]).toEqual(last)
      }),
    )
  })
})
