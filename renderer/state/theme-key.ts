import type { InjectionKey, Ref } from 'vue'

/** Which theme it is at present, for what is drawn on a canvas. */
export const themeKey: InjectionKey<Ref<'light' | 'dark'>> = Symbol('theme')
