import { describe, expect, it } from 'vitest'
import { compareListings } from '../../../labs/scsi/compare-listings.ts'

const entry = (key: string) => ({ key, allTargetPorts: false, relativePort: 1 })
const status = (generation: number, ...keys: string[]) => ({ generation, entries: keys.map(entry) })

describe('compareListings', () => {
  it('agrees in any order, counts keys that repeat, and compares one generation only', () => {
    expect([
      compareListings({ generation: 4, keys: ['0x1', '0x2', '0x1'] }, status(4, '0x2', '0x1', '0x1')),
      compareListings({ generation: 4, keys: ['0x1', '0x1'] }, status(4, '0x1')),
      compareListings({ generation: 4, keys: ['0x12345678'] }, status(4, '0x7856341200000000')),
      compareListings({ generation: 4, keys: ['0x1'] }, status(5, '0x2')),
      compareListings({ generation: 0, keys: [] }, status(0)),
    ]).toEqual([
      'agree',
      { onlyInKeys: ['0x1'], onlyInStatus: [] },
      { onlyInKeys: ['0x12345678'], onlyInStatus: ['0x7856341200000000'] },
      'different-generations',
      'agree',
    ])
  })
})
