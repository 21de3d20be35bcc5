import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { cacheDirectory, labDirectory, runsDirectory, stateDirectory } from '../../main/directories.ts'

afterEach(() => vi.unstubAllEnvs())

const all = () => [cacheDirectory(), stateDirectory(), runsDirectory(), labDirectory('virtual')]

test('where the environment says nothing, or nothing usable, it is below the home directory', () => {
  const below = [
    '.cache/fencelab',
    '.local/state/fencelab',
    '.local/share/fencelab/runs',
    '.local/state/fencelab/labs/virtual',
  ]
  // "All paths set in these environment variables must be absolute. If an implementation encounters a relative path […] it
  // should consider the path invalid and ignore it." (XDG base directory specification)
  for (const value of [undefined, '', 'relative/path']) {
    for (const variable of ['XDG_CACHE_HOME', 'XDG_STATE_HOME', 'XDG_DATA_HOME']) vi.stubEnv(variable, value)
    expect(all()).toEqual(below.map((path) => join(homedir(), path)))
  }
})

test('the environment says where', () => {
  vi.stubEnv('XDG_CACHE_HOME', '/a')
  vi.stubEnv('XDG_STATE_HOME', '/b')
  vi.stubEnv('XDG_DATA_HOME', '/c')
  expect(all()).toEqual(['/a/fencelab', '/b/fencelab', '/c/fencelab/runs', '/b/fencelab/labs/virtual'])
})
