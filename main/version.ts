import manifest from '../package.json' with { type: 'json' }

/** The version that recordings name. */
export const version: string = manifest.version
