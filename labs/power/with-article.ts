/** `an APC Switched Rack PDU`, `a Tripp Lite PDU`: names of products begin with a vowel's letter or they do not. */
export const withArticle = (name: string): string => `${/^[AEIO]/i.test(name) ? 'an' : 'a'} ${name}`
