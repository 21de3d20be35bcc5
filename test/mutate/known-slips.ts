/** Changes that the judge does not catch, and why that is so. One that is caught after all must be taken from here. */
export const knownSlips: readonly { readonly matches: RegExp; readonly why: string }[] = []
