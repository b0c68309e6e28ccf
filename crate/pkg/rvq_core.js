/* @ts-self-types="./rvq_core.d.ts" */

/**
 * Writes the nearest codeword of each row to `codes` (u16), adds to the sums, and returns the summed distance.
 * @param {number} assigner
 * @param {number} values
 * @param {number} rows
 * @param {number} dim
 * @param {number} codes
 * @returns {number}
 */
export function assigner_assign(assigner, values, rows, dim, codes) {
    const ret = wasm.assigner_assign(assigner, values, rows, dim, codes);
    return ret;
}

/**
 * @param {number} assigner
 */
export function assigner_close(assigner) {
    wasm.assigner_close(assigner);
}

/**
 * Writes the distance (squared error) of each row to the codeword of its code (u16) to `distances` (doubles).
 * @param {number} assigner
 * @param {number} values
 * @param {number} rows
 * @param {number} dim
 * @param {number} codes
 * @param {number} distances
 */
export function assigner_distances(assigner, values, rows, dim, codes, distances) {
    wasm.assigner_distances(assigner, values, rows, dim, codes, distances);
}

/**
 * `codewords`: count x dim floats; `grid`: see `Assigner::new`.
 * @param {number} codewords
 * @param {number} count
 * @param {number} dim
 * @param {number} grid
 * @returns {number}
 */
export function assigner_open(codewords, count, dim, grid) {
    const ret = wasm.assigner_open(codewords, count, dim, grid);
    return ret >>> 0;
}

/**
 * Writes the sums (count x dim doubles) and the counts (count doubles).
 * @param {number} assigner
 * @param {number} count
 * @param {number} dim
 * @param {number} sums
 * @param {number} counts
 */
export function assigner_read(assigner, count, dim, sums, counts) {
    wasm.assigner_read(assigner, count, dim, sums, counts);
}

/**
 * As `encode`, with a beam, by method 1 (the tables are built) or 2.
 * @param {number} codebook
 * @param {number} values
 * @param {number} rows
 * @param {number} codes
 * @param {number} code_bytes
 * @param {number} beam
 * @param {number} method
 * @returns {number}
 */
export function beam_encode(codebook, values, rows, codes, code_bytes, beam, method) {
    const ret = wasm.beam_encode(codebook, values, rows, codes, code_bytes, beam, method);
    return ret;
}

/**
 * One stage of beam search, see [`beam::extend`]: `residuals` (rows x entries x dim floats) to `next` (rows x keep x dim floats) and
 * `chosen` (rows x keep u32), by a codebook of one stage. Returns the summed squared error of the first entries.
 * @param {number} codebook
 * @param {number} residuals
 * @param {number} rows
 * @param {number} entries
 * @param {number} keep
 * @param {number} next
 * @param {number} chosen
 * @returns {number}
 */
export function beam_extend(codebook, residuals, rows, entries, keep, next, chosen) {
    const ret = wasm.beam_extend(codebook, residuals, rows, entries, keep, next, chosen);
    return ret;
}

/**
 * Bytes that beam search takes by method 1 or 2.
 * @param {number} codebook
 * @param {number} beam
 * @param {number} method
 * @returns {number}
 */
export function beam_memory(codebook, beam, method) {
    const ret = wasm.beam_memory(codebook, beam, method);
    return ret;
}

/**
 * How beam search takes least time for so many rows within so many bytes: 1 by tables, 2 by residuals, 0 not at all.
 * @param {number} codebook
 * @param {number} beam
 * @param {number} rows
 * @param {number} bytes
 * @returns {number}
 */
export function beam_method(codebook, beam, rows, bytes) {
    const ret = wasm.beam_method(codebook, beam, rows, bytes);
    return ret >>> 0;
}

/**
 * @param {number} codebook
 */
export function codebook_close(codebook) {
    wasm.codebook_close(codebook);
}

/**
 * `values`: the codewords of all stages, dim floats each; `codewords`: how many each of the `stages` stages has, u32.
 * @param {number} values
 * @param {number} dim
 * @param {number} codewords
 * @param {number} stages
 * @returns {number}
 */
export function codebook_open(values, dim, codewords, stages) {
    const ret = wasm.codebook_open(values, dim, codewords, stages);
    return ret >>> 0;
}

/**
 * Codes to rows, with the first `prefix` stages.
 * @param {number} codebook
 * @param {number} codes
 * @param {number} code_bytes
 * @param {number} rows
 * @param {number} prefix
 * @param {number} values
 */
export function decode(codebook, codes, code_bytes, rows, prefix, values) {
    wasm.decode(codebook, codes, code_bytes, rows, prefix, values);
}

/**
 * Rows to codes of `code_bytes` (1 or 2) bytes. Returns -1, or the index of the first value that is not finite: then no code is written.
 * @param {number} codebook
 * @param {number} values
 * @param {number} rows
 * @param {number} codes
 * @param {number} code_bytes
 * @returns {number}
 */
export function encode(codebook, values, rows, codes, code_bytes) {
    const ret = wasm.encode(codebook, values, rows, codes, code_bytes);
    return ret;
}

/**
 * See [`quantizer::joint::spread`]: `from` and `to` hold `codewords` x dim doubles; `values` rows x dim floats, or 0: no rows.
 * @param {number} places
 * @param {number} rows
 * @param {number} stages
 * @param {number} codewords
 * @param {number} dim
 * @param {number} from
 * @param {number} values
 * @param {number} to
 */
export function joint_spread(places, rows, stages, codewords, dim, from, values, to) {
    wasm.joint_spread(places, rows, stages, codewords, dim, from, values, to);
}

/**
 * Writes to `sums` (stages + 1 doubles) the rows' summed squared norm, and their summed squared error after each stage.
 * @param {number} codebook
 * @param {number} values
 * @param {number} rows
 * @param {number} codes
 * @param {number} code_bytes
 * @param {number} sums
 */
export function measure(codebook, values, rows, codes, code_bytes, sums) {
    wasm.measure(codebook, values, rows, codes, code_bytes, sums);
}

/**
 * Rows (rows x from floats) through a linear map: `weight` has to x from floats, `bias` to floats, or is 0 for none. Writes rows x to floats to
 * `projected`: 1, or 0 where memory does not suffice.
 * @param {number} values
 * @param {number} rows
 * @param {number} from
 * @param {number} to
 * @param {number} weight
 * @param {number} bias
 * @param {number} projected
 * @returns {number}
 */
export function project(values, rows, from, to, weight, bias, projected) {
    const ret = wasm.project(values, rows, from, to, weight, bias, projected);
    return ret >>> 0;
}

/**
 * Gives back what `reserve(bytes)` returned.
 * @param {number} pointer
 * @param {number} bytes
 */
export function release(pointer, bytes) {
    wasm.release(pointer, bytes);
}

/**
 * Zeroed bytes for the caller's use, or 0 where memory cannot grow.
 * @param {number} bytes
 * @returns {number}
 */
export function reserve(bytes) {
    const ret = wasm.reserve(bytes);
    return ret >>> 0;
}

/**
 * Builds the tables of a codebook, where it has none: 1, or 0 where memory does not suffice.
 * @param {number} codebook
 * @returns {number}
 */
export function tables_build(codebook) {
    const ret = wasm.tables_build(codebook);
    return ret >>> 0;
}
function __wbg_get_imports() {
    const import0 = {
        __proto__: null,
        __wbindgen_init_externref_table: function() {
            const table = wasm.__wbindgen_externrefs;
            const offset = table.grow(4);
            table.set(0, undefined);
            table.set(offset + 0, undefined);
            table.set(offset + 1, null);
            table.set(offset + 2, true);
            table.set(offset + 3, false);
        },
    };
    return {
        __proto__: null,
        "./rvq_core_bg.js": import0,
    };
}

let wasmModule, wasmInstance, wasm;
function __wbg_finalize_init(instance, module) {
    wasmInstance = instance;
    wasm = instance.exports;
    wasmModule = module;
    wasm.__wbindgen_start();
    return wasm;
}

async function __wbg_load(module, imports) {
    if (typeof Response === 'function' && module instanceof Response) {
        if (typeof WebAssembly.instantiateStreaming === 'function') {
            try {
                return await WebAssembly.instantiateStreaming(module, imports);
            } catch (e) {
                const validResponse = module.ok && expectedResponseType(module.type);

                if (validResponse && module.headers.get('Content-Type') !== 'application/wasm') {
                    console.warn("`WebAssembly.instantiateStreaming` failed because your server does not serve Wasm with `application/wasm` MIME type. Falling back to `WebAssembly.instantiate` which is slower. Original error:\n", e);

                } else { throw e; }
            }
        }

        const bytes = await module.arrayBuffer();
        return await WebAssembly.instantiate(bytes, imports);
    } else {
        const instance = await WebAssembly.instantiate(module, imports);

        if (instance instanceof WebAssembly.Instance) {
            return { instance, module };
        } else {
            return instance;
        }
    }

    function expectedResponseType(type) {
        switch (type) {
            case 'basic': case 'cors': case 'default': return true;
        }
        return false;
    }
}

function initSync(module) {
    if (wasm !== undefined) return wasm;


    if (module !== undefined) {
        if (Object.getPrototypeOf(module) === Object.prototype) {
            ({module} = module)
        } else {
            console.warn('using deprecated parameters for `initSync()`; pass a single object instead')
        }
    }

    const imports = __wbg_get_imports();
    if (!(module instanceof WebAssembly.Module)) {
        module = new WebAssembly.Module(module);
    }
    const instance = new WebAssembly.Instance(module, imports);
    return __wbg_finalize_init(instance, module);
}

async function __wbg_init(module_or_path) {
    if (wasm !== undefined) return wasm;


    if (module_or_path !== undefined) {
        if (Object.getPrototypeOf(module_or_path) === Object.prototype) {
            ({module_or_path} = module_or_path)
        } else {
            console.warn('using deprecated parameters for the initialization function; pass a single object instead')
        }
    }


    const imports = __wbg_get_imports();

    if (typeof module_or_path === 'string' || (typeof Request === 'function' && module_or_path instanceof Request) || (typeof URL === 'function' && module_or_path instanceof URL)) {
        module_or_path = fetch(module_or_path);
    }

    const { instance, module } = await __wbg_load(await module_or_path, imports);

    return __wbg_finalize_init(instance, module);
}

export { initSync, __wbg_init as default };
