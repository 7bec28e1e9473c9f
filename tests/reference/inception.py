"""Writes inception.json: features and logits of the network of pytorch-fid, with weights and images that
tests/inception.rs makes with the same formulas, resized as pytorch-fid and as torch-fidelity do.

Run from this folder: python inception.py (numpy, scipy, scikit-learn, torch, torchvision, pytorch-fid, torch-fidelity).
"""

import json

import numpy as np
import torch
import torch.nn.functional as F
from pytorch_fid.inception import FIDInceptionA, FIDInceptionC, FIDInceptionE_1, FIDInceptionE_2, _inception_v3

from metrics import scramble

# Every so many features and logits are written.
STRIDE = 16
COUNT, SIZE = 2, 32


def network():
    """As pytorch_fid.inception.fid_inception_v3, without the file of weights."""
    net = _inception_v3(num_classes=1008, aux_logits=False, weights=None)
    net.Mixed_5b = FIDInceptionA(192, pool_features=32)
    net.Mixed_5c = FIDInceptionA(256, pool_features=64)
    net.Mixed_5d = FIDInceptionA(288, pool_features=64)
    net.Mixed_6b = FIDInceptionC(768, channels_7x7=128)
    net.Mixed_6c = FIDInceptionC(768, channels_7x7=160)
    net.Mixed_6d = FIDInceptionC(768, channels_7x7=160)
    net.Mixed_6e = FIDInceptionC(768, channels_7x7=192)
    net.Mixed_7b = FIDInceptionE_1(1280)
    net.Mixed_7c = FIDInceptionE_2(2048)
    return net.eval()


def uniform(seed, count):
    """Multiples of 1/1024 in [0, 1)."""
    return (scramble(seed * 1_000_003 + np.arange(count)) % np.uint64(1024)).astype(float) / 1024


def value(seed, name, shape):
    u = uniform(seed, int(np.prod(shape))).reshape(shape)
    if name.endswith("running_var"):
        return 0.5 + u
    if name.endswith("bn.weight"):
        return 0.75 + u / 2
    if len(shape) == 1:
        return (u - 0.5) / 2
    return (u - 0.5) * np.sqrt(24 / np.prod(shape[1:]))


def fill(net):
    state = net.state_dict()
    names = sorted(name for name in state if not name.endswith("num_batches_tracked"))
    for seed, name in enumerate(names):
        state[name] = torch.from_numpy(value(seed, name, tuple(state[name].shape))).float()
    net.load_state_dict(state)
    return names


def features_and_logits(net, x):
    """Up to the mean over positions, and the classifier after it."""
    kept = []
    hook = net.avgpool.register_forward_hook(lambda module, inputs, output: kept.append(output.flatten(1)))
    logits = net(x)
    hook.remove()
    return kept[0], logits


def main():
    # The benchmark in benches/eval uses the network above, without this package.
    from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x

    net = network()
    names = fill(net)
    image = scramble(np.arange(COUNT * 3 * SIZE * SIZE)) % np.uint64(256)
    bytes_ = torch.from_numpy(image.astype(float)).float().reshape(COUNT, 3, SIZE, SIZE)
    pytorch = 2 * F.interpolate(bytes_ / 255, size=(299, 299), mode="bilinear", align_corners=False) - 1
    tensorflow = (interpolate_bilinear_2d_like_tensorflow1x(bytes_, size=(299, 299), align_corners=False) - 128) / 128
    found = {"names": len(names), "stride": STRIDE, "count": COUNT, "size": SIZE}
    with torch.no_grad():
        for name, x in (("pytorch", pytorch), ("tensorflow", tensorflow)):
            features, logits = features_and_logits(net, x)
            found[name] = {
                "features": features[:, ::STRIDE].flatten().tolist(),
                "logits": logits[:, ::STRIDE].flatten().tolist(),
            }
    with open("inception.json", "w") as file:
        json.dump(found, file)
        file.write("\n")


if __name__ == "__main__":
    main()
