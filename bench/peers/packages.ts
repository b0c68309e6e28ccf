// Loads the JavaScript peers. Their types are not there before they are installed, so each adapter declares the part that it uses.
import { createRequire } from 'node:module';

const requirePeer = createRequire(import.meta.url);

/** A package of bench/peers/package.json. `T` is what the adapter uses of it. */
export async function loadPeer<T>(name: string): Promise<T> {
  const module = (await import(name)) as T & { readonly default?: T };
  return module.default ?? module;
}

/** The file that a package begins with. */
export function peerPath(name: string): string {
  return requirePeer.resolve(name);
}

/** The versions that bench/peers/package.json pins. */
export function peerVersions(): Record<string, string> {
  return (requirePeer('./package.json') as { dependencies: Record<string, string> }).dependencies;
}
