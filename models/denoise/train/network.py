"""UNet1D: an encoder and a decoder with skips, from a window of a signal to the same without interference."""

import torch
from torch import nn

WINDOW = 4096
CHANNELS = (10, 20, 40, 80)
KERNEL = 7
# Into the first level of the UNet, and from one level to the next.
FIRST_STRIDE, STRIDE = 2, 4
# Of the error's variance: a window has a power of 1.
SMALLEST_VARIANCE = 1e-6
# Before any training the error's deviation is that of a tenth of the window.
FIRST_DEVIATION = -2.0


class UNet1D(nn.Module):
    """`signal` [batch, window] with mean 0 and power 1 -> `denoised` and `error_variance`, of the same shape.

    `error_variance` is what the square of the error of `denoised` is expected to be, sample by sample.
    Convolutions along one axis are written as those along two, which torch computes in half the time.
    """

    def __init__(self) -> None:
        super().__init__()
        pairs = list(zip(CHANNELS, CHANNELS[1:]))
        self.stem = nn.Sequential(_down(1, CHANNELS[0], FIRST_STRIDE), nn.ReLU())
        self.encoders = nn.ModuleList(_block(width, width) for width in CHANNELS)
        self.downs = nn.ModuleList(_down(above, below, STRIDE) for above, below in pairs)
        self.middle = _block(CHANNELS[-1], CHANNELS[-1])
        self.ups = nn.ModuleList(_up(below, above, STRIDE) for above, below in reversed(pairs))
        self.decoders = nn.ModuleList(_block(2 * above, above) for above, _ in reversed(pairs))
        self.last = _up(CHANNELS[0], 1, FIRST_STRIDE)
        self.deviation = nn.Sequential(_block(CHANNELS[0], CHANNELS[0]), _up(CHANNELS[0], 1, FIRST_STRIDE))
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.bias)
        # At first nothing is a pulse.
        nn.init.zeros_(self.last.weight)

    def forward(self, signal: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Any number of rows; the length is a multiple of 128."""
        levels = [self.stem(signal[:, None, None, :])]
        for encoder, down in zip(self.encoders, [*self.downs, nn.Identity()]):
            levels[-1] = encoder(levels[-1])
            levels.append(down(levels[-1]))
        lowest = self.middle(levels.pop())
        skips = levels[:-1]
        for up, decoder, skip in zip(self.ups, self.decoders, reversed(skips)):
            lowest = decoder(torch.cat([up(lowest), skip], dim=1))
        denoised = self.last(lowest)[:, 0, 0]
        # What is learned of the error must not change the signal. Features grow with the pulse, and so does the
        # deviation: its logarithm would be a curve, which the last layers cannot bend.
        deviation = nn.functional.softplus(self.deviation(lowest.detach())[:, 0, 0] + FIRST_DEVIATION)
        return denoised, deviation**2 + SMALLEST_VARIANCE


def _block(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, (1, KERNEL), padding=(0, KERNEL // 2)), nn.ReLU()
    )


def _down(inputs: int, outputs: int, stride: int) -> nn.Module:
    return nn.Conv2d(inputs, outputs, (1, 4 * stride), (1, stride), padding=(0, 3 * stride // 2))


def _up(inputs: int, outputs: int, stride: int) -> nn.Module:
    return nn.ConvTranspose2d(
        inputs, outputs, (1, 2 * stride), (1, stride), padding=(0, stride // 2)
    )


def build_network(seed: int) -> UNet1D:
    """With random weights."""
    torch.manual_seed(seed)
    return UNet1D()
