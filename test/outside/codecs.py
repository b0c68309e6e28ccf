"""Writes the fixtures of codecs' own code in test/fixtures/codecs: tiny quantizers with random weights, and what they make of rows.

    python -m venv venv && venv/bin/pip install -r test/outside/codecs-requirements.txt
    venv/bin/python test/outside/codecs.py

For each case: model.safetensors as its program names the tensors, x.npy (rows x dim), codes.npy (stages x rows) and deq.npy (rows x dim). The cases
encodec, dac and mimi in the same folder were written by transformers 5.23 in the same way.
"""

import importlib.machinery
import importlib.util
import sys
import types
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file, save_model
from torch import nn

FIXTURES = Path(__file__).parent.parent / 'fixtures' / 'codecs'
ROWS = 40


def module_of(package, path):
    """A module of an installed package, without the imports of the package around it (which want audio libraries)."""
    root = Path(importlib.util.find_spec(package).origin).parent
    for name in [package, *[f'{package}.{"/".join(path.split("/")[:i + 1]).replace("/", ".")}' for i in range(path.count('/'))]]:
        if name not in sys.modules:
            stub = types.ModuleType(name)
            stub.__path__ = [str(root / name[len(package):].strip('.').replace('.', '/'))]
            sys.modules[name] = stub
    return importlib.import_module(f'{package}.{path.replace("/", ".")}')


def save(case, rows, codes, decoded, state=None, model=None):
    folder = FIXTURES / case
    folder.mkdir(parents=True, exist_ok=True)
    if model is None:
        save_file({name: tensor.detach().clone().contiguous() for name, tensor in state.items()}, folder / 'model.safetensors')
    else:
        save_model(model, str(folder / 'model.safetensors'))
    (folder / 'model.safetensors').chmod(0o644)
    np.save(folder / 'x.npy', np.ascontiguousarray(rows.detach().numpy(), np.float32))
    np.save(folder / 'codes.npy', np.ascontiguousarray(codes.detach().numpy(), np.int64))
    np.save(folder / 'deq.npy', np.ascontiguousarray(decoded.detach().numpy(), np.float32))
    used = [len(np.unique(stage)) for stage in codes.numpy()]
    print(case, 'stages x rows', tuple(codes.shape), 'codewords used', used)


def randomize(module, scale=1.0):
    """Weights as if they had been trained: of different sizes, biases that are not zero."""
    for index, (name, tensor) in enumerate(sorted([*module.named_parameters(), *module.named_buffers()])):
        if tensor.is_floating_point() and tensor.numel() > 1 and 'cluster' not in name:
            tensor.data.copy_(torch.randn(tensor.shape, generator=torch.Generator().manual_seed(index)) * scale)


def prefixed(prefix, module):
    return {prefix + name: tensor for name, tensor in module.state_dict().items()}


@torch.no_grad()
def original_encodec():
    core = module_of('encodec', 'quantization/core_vq')
    for case, codebook_dim in [('original_encodec', None), ('original_encodec_projected', 5)]:
        quantizer = core.ResidualVectorQuantization(
            num_quantizers=4, dim=12, codebook_size=24, codebook_dim=codebook_dim, kmeans_init=False
        ).eval()
        randomize(quantizer, 0.5)
        rows = torch.randn(ROWS, 12)
        codes = quantizer.encode(rows.t()[None])[:, 0]
        decoded = quantizer.decode(codes[:, None])[0].t()
        others = {'encoder.model.0.conv.weight': torch.randn(4, 1, 7), 'quantizer.other': torch.zeros(2)}
        save(case, rows, codes, decoded, {**prefixed('quantizer.vq.', quantizer), **others})


@torch.no_grad()
def vector_quantize_pytorch():
    from vector_quantize_pytorch import ResidualVQ

    cases = {
        'vqp': dict(dim=12, codebook_size=(16, 24, 9)),
        'vqp_projected': dict(dim=12, codebook_dim=6, num_quantizers=3, codebook_size=16),
        'vqp_cosine': dict(dim=6, num_quantizers=3, codebook_size=16, use_cosine_sim=True),
        'vqp_cosine_projected': dict(dim=12, codebook_dim=6, num_quantizers=3, codebook_size=16, use_cosine_sim=True),
        'vqp_shared': dict(dim=6, num_quantizers=3, codebook_size=16, shared_codebook=True),
    }
    for case, options in cases.items():
        torch.manual_seed(len(case))
        quantizer = ResidualVQ(**options).eval()
        if not options.get('use_cosine_sim'):
            randomize(quantizer, 0.7)
        rows = torch.randn(ROWS, options['dim'])
        _, indices, _ = quantizer(rows[None])
        decoded = quantizer.get_output_from_indices(indices)[0]
        state = prefixed('model.rvq.' if case == 'vqp_projected' else '', quantizer)
        save(case, rows, indices[0].t(), decoded, state, quantizer if case == 'vqp_shared' else None)


@torch.no_grad()
def original_dac():
    quantize = module_of('dac', 'nn/quantize')
    for case in ['original_dac', 'original_dac_parametrized']:
        if case.endswith('parametrized'):
            normed = torch.nn.utils.parametrizations.weight_norm
            quantize.WNConv1d = lambda *args, **kwargs: normed(nn.Conv1d(*args, **kwargs))
        quantizer = quantize.ResidualVectorQuantize(input_dim=12, n_codebooks=3, codebook_size=24, codebook_dim=[4, 5, 4]).eval()
        randomize(quantizer, 0.8)
        rows = torch.randn(ROWS, 12)
        codes = quantizer(rows.t()[None])[1][0]
        decoded = quantizer.from_codes(codes[None])[0][0].t()
        save(case, rows, codes, decoded, prefixed('generator.quantizer.', quantizer))


@torch.no_grad()
def original_mimi():
    vq = module_of('moshi', 'quantization/vq')
    quantizer = vq.SplitResidualVectorQuantizer(n_q=4, dimension=6, input_dimension=12, output_dimension=12, bins=24).eval()
    randomize(quantizer, 0.7)
    for name, buffer in quantizer.named_buffers():
        if name.endswith('cluster_usage'):
            buffer.copy_(torch.rand(buffer.shape) * 3)
            buffer[3] = 1e-7  # counted as 1e-5: a codeword far from all rows
        if name.endswith('_initialized'):
            buffer.fill_(1)
    rows = torch.randn(ROWS, 12)
    codes = quantizer.encode(rows.t()[None])
    decoded = quantizer.decode(codes)[0].t()
    save('original_mimi', rows, codes[0], decoded, prefixed('quantizer.', quantizer))


@torch.no_grad()
def higgs_audio():
    torchaudio = types.ModuleType('torchaudio')  # the module imports it, but its quantizer does not need it
    torchaudio.__spec__ = importlib.machinery.ModuleSpec('torchaudio', None)
    sys.modules['torchaudio'] = torchaudio
    from transformers.models.higgs_audio_v2_tokenizer.modeling_higgs_audio_v2_tokenizer import (
        HiggsAudioV2TokenizerResidualVectorQuantization as Quantizer,
    )

    quantizer = Quantizer(types.SimpleNamespace(hidden_size=12, codebook_dim=5, codebook_size=24, num_quantizers=3, frame_rate=25)).eval()
    randomize(quantizer, 0.6)
    rows = torch.randn(ROWS, 12)
    codes = quantizer.encode(rows.t()[None])
    save('higgs_audio', rows, codes[:, 0], quantizer.decode(codes)[0].t(), prefixed('quantizer.', quantizer))


torch.manual_seed(1)
original_encodec()
vector_quantize_pytorch()
original_dac()
original_mimi()
higgs_audio()
