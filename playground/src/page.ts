// The page's elements and numbers in words.

/** The element of this id and type; the page has it. */
export function element<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} #${id}`);
  return found;
}

export function create<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export const stagesText = (stages: number): string => (stages === 1 ? '1 stage' : `${stages} stages`);
export const whole = (value: number): string => Math.round(value).toLocaleString('en');
export const percent = (part: number): string => `${(100 * part).toPrecision(3)} %`;
export const decibel = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(1)} dB` : 'exact');
export const significant = (value: number): string => (value >= 1000 ? whole(value) : value.toPrecision(3));
export const bits = (value: number): string => (value < 0.1 ? value.toPrecision(2) : value.toFixed(2));
