// The playground: a static page on the built package, as a user would import it.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const built = (name: string) => fileURLToPath(new URL(`../dist/${name}`, import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  resolve: {
    alias: [
      { find: /^residual-vq$/, replacement: built('index.js') },
      { find: /^residual-vq\/reference$/, replacement: built('reference.js') },
      { find: /^residual-vq\/formats$/, replacement: built('formats.js') },
    ],
  },
  server: { host: '127.0.0.1', fs: { allow: ['..'] } },
  preview: { host: '127.0.0.1' },
  worker: { format: 'es' },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022' },
});
